// Has the browser keep for a year whose runs these are. It draws nothing.

const A_YEAR = 365 * 24 * 3600;

/**
 * @typedef {{
 *   data: { cookie: string, token: string },
 *   setTriggerValue(event: string, value: string): void,
 * }} Visitor
 */

/** @type {(component: Visitor) => void} */
export default function (component) {
  const { cookie, token } = component.data;
  const cookies = document.cookie.split("; ");
  const kept = cookies.find((text) => text.startsWith(`${cookie}=`))?.slice(cookie.length + 1);
  if (kept && kept !== token) {
    component.setTriggerValue("token", kept);
    return;
  }
  const secure = location.protocol === "https:";
  // In a frame of another site a browser keeps only cookies that say they are meant for that.
  const framed = secure && window.self !== window.top;
  const rules = framed ? "samesite=none; secure; partitioned" : `samesite=lax${secure ? "; secure" : ""}`;
  document.cookie = `${cookie}=${token}; path=/; max-age=${A_YEAR}; ${rules}`;
}
