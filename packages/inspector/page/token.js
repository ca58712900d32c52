// The token that the link brought. It is taken out of the address bar, so that it is neither bookmarked, shared on a
// screen nor sent as a referrer, and kept for as long as the tab lives, so that a reload still works.

const key = "trunkline-inspector-token";

/**
 * Takes the token of this tab.
 *
 * @returns {string} empty when there is none
 */
export function takeToken() {
  const address = new URL(location.href);
  const token = address.searchParams.get("token");
  if (token === null) return sessionStorage.getItem(key) ?? "";
  sessionStorage.setItem(key, token);
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
  return token;
}

/**
 * Where the frames come from.
 *
 * @param {string} token
 */
export function socketUrl(token) {
  const address = new URL("ws", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  address.search = "";
  if (token !== "") address.searchParams.set("token", token);
  return address.href;
}
