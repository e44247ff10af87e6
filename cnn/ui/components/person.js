// Has the browser keep for a year whose runs these are. It draws nothing.

const A_YEAR = 365 * 24 * 3600;

export default function (component) {
  const { cookie, name } = unpack(component.data).head;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${cookie}=${name}; path=/; max-age=${A_YEAR}; samesite=lax${secure}`;
}
