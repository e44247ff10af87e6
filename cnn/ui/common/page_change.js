// Another page (or lesson) begins at its top, and on a phone the menu does not stay open over it.
// Streamlit keeps how far the page before was scrolled, and closes the menu only after a link of its
// navigation and only where the browser says that it is a phone's. It draws nothing.

/** @type {(component: { data: { page: string } }) => void} */
export default function (component) {
  const { page } = component.data;
  const main = found(document, "stMain");
  if (!main || main.dataset.page === page) return;
  const first = main.dataset.page === undefined;
  main.dataset.page = page;
  if (first) return;
  main.scrollTop = 0;
  const sidebar = found(document, "stSidebar");
  if (!sidebar || found(document, "stExpandSidebarButton")) return; // it is closed already
  const covers = sidebar.getBoundingClientRect().right > main.getBoundingClientRect().left + 1;
  if (covers) found(sidebar, "stSidebarCollapseButton")?.querySelector("button")?.click();
}

/** @type {(root: ParentNode, name: string) => HTMLElement | null} */
const found = (root, name) => root.querySelector(`[data-testid="${name}"]`);
