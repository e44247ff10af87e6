// Another page (or lesson) begins at its top, and on a phone the menu does not stay open over it.
// Streamlit keeps how far the page before was scrolled, and closes the menu only after a link of its
// navigation and only where the browser says that it is a phone's. It draws nothing.

export default function (component) {
  const { page } = component.data;
  const main = document.querySelector('[data-testid="stMain"]');
  if (!main || main.dataset.page === page) return;
  const first = main.dataset.page === undefined;
  main.dataset.page = page;
  if (first) return;
  main.scrollTop = 0;
  const sidebar = document.querySelector('[data-testid="stSidebar"]');
  const closing = document.querySelector('[data-testid="stExpandSidebarButton"]');
  const covers = sidebar?.getBoundingClientRect().right > main.getBoundingClientRect().left + 1;
  if (covers && !closing) sidebar.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
