// Face of the PAS double: an invented hospital that never stops talking, for demonstrations and tests.

export { messageOf } from "./message.ts";
export { MOST_PEOPLE } from "./people.ts";
export { orderMessageOf } from "./stores/message.ts";
export { OPENING_ORDERS, type Order, openOrders } from "./stores/orders.ts";
export { OPENING_SCENES, openStory, type Scene, type SceneName } from "./story.ts";
