// Tours of Node clients against the venue whose credentials come as JSON on standard input; prints a JSON line per check.
import { readFileSync } from "node:fs";

const venue = JSON.parse(readFileSync(0, "utf8"));
const account = venue.accounts.find((one) => one.name === "hmac");
const usdm = venue.urls.usdm;
const ORDER = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "80000" };

const checks = [];
const check = (client, product, group, name, run) => checks.push({ client, product, group, name, run });
const must = (is, what) => {
  if (!is) throw new Error(`unexpected: ${JSON.stringify(what)}`);
};

if (process.argv[2] === "binance") {
  const { USDMClient, CoinMClient } = await import("binance");
  const key = { api_key: account.api_key, api_secret: account.api_secret };
  const linear = new USDMClient({ ...key, baseUrl: venue.rest_url });
  const inverse = new CoinMClient({ ...key, baseUrl: venue.rest_url });
  for (const [name, params] of [
    ["getServerTime"],
    ["getExchangeInfo"],
    ["getOrderBook", { symbol: "BTCUSDT", limit: 5 }],
    ["getRecentTrades", { symbol: "BTCUSDT" }],
    ["getKlines", { symbol: "BTCUSDT", interval: "1m" }],
    ["getMarkPrice", { symbol: "BTCUSDT" }],
    ["getFundingRateHistory", { symbol: "BTCUSDT" }],
    ["get24hrChangeStatistics", { symbol: "BTCUSDT" }],
    ["getOpenInterest", { symbol: "BTCUSDT" }],
  ])
    check("binance", "usdm", "market data", name, async () => must(await linear[name](params), name));
  for (const name of ["getBalanceV3", "getAccountInformationV3", "getPositionsV3", "getCurrentPositionMode", "getIncomeHistory"])
    check("binance", "usdm", "account", name, async () => must(await linear[name]({}), name));
  check("binance", "usdm", "orders", "life", async () => {
    const placed = await linear.submitNewOrder(ORDER);
    must(placed.status === "NEW", placed);
    const identity = { symbol: "BTCUSDT", orderId: placed.orderId };
    must((await linear.getOrder(identity)).status === "NEW", "order");
    must((await linear.cancelOrder(identity)).status === "CANCELED", "cancelled");
    must((await linear.submitNewOrder({ symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.01", newOrderRespType: "RESULT" })).status === "FILLED", "filled");
  });
  check("binance", "usdm", "orders", "refusal", async () => {
    try {
      await linear.submitNewOrder({ ...ORDER, quantity: "100" });
    } catch (error) {
      must(error.code === -2019, error);
      return;
    }
    must(false, "no refusal");
  });
  check("binance", "coinm", "market data", "getExchangeInfo", async () => must((await inverse.getExchangeInfo()).symbols.length, "symbols"));
  check("binance", "coinm", "orders", "life", async () => {
    const placed = await inverse.submitNewOrder({ ...ORDER, symbol: "BTCUSD_PERP", quantity: "1" });
    must((await inverse.cancelOrder({ symbol: "BTCUSD_PERP", orderId: placed.orderId })).status === "CANCELED", placed);
  });
} else {
  const { DerivativesTradingUsdsFutures } = await import("@binance/derivatives-trading-usds-futures");
  const client = new DerivativesTradingUsdsFutures({
    configurationRestAPI: { apiKey: account.api_key, apiSecret: account.api_secret, basePath: venue.rest_url },
    configurationWebsocketAPI: { apiKey: account.api_key, apiSecret: account.api_secret, wsURL: usdm["ws-api"] },
    configurationWebsocketStreams: { wsURL: usdm.stream },
  });
  const data = async (method, params) => (await client.restAPI[method](params)).data();
  for (const [name, params] of [
    ["checkServerTime"],
    ["exchangeInformation"],
    ["orderBook", { symbol: "BTCUSDT", limit: 5 }],
    ["recentTradesList", { symbol: "BTCUSDT" }],
    ["klineCandlestickData", { symbol: "BTCUSDT", interval: "1m" }],
    ["markPrice", { symbol: "BTCUSDT" }],
    ["openInterest", { symbol: "BTCUSDT" }],
  ])
    check("js-sdk", "usdm", "market data", name, async () => must(await data(name, params), name));
  for (const name of ["futuresAccountBalanceV3", "accountInformationV3", "positionInformationV3", "getCurrentPositionMode", "getIncomeHistory"])
    check("js-sdk", "usdm", "account", name, async () => must(await data(name, {}), name));
  check("js-sdk", "usdm", "orders", "life", async () => {
    const placed = await data("newOrder", { ...ORDER, quantity: 0.01, price: 80000 });
    must(placed.status === "NEW", placed);
    const identity = { symbol: "BTCUSDT", orderId: placed.orderId };
    must((await data("queryOrder", identity)).status === "NEW", "order");
    must((await data("cancelOrder", identity)).status === "CANCELED", "cancelled");
  });
  check("js-sdk", "usdm", "WebSocket API", "orderBook", async () => {
    const connection = await client.websocketAPI.connect();
    try {
      const answer = await connection.orderBook({ symbol: "BTCUSDT" });
      must(answer.data.lastUpdateId ?? answer.data, answer);
    } finally {
      await connection.disconnect();
    }
  });
  check("js-sdk", "usdm", "market streams", "aggregateTradeStreams", async () => {
    const connection = await client.websocketStreams.connect();
    try {
      const stream = connection.aggregateTradeStreams({ symbol: "btcusdt" });
      const message = await new Promise((resolve, reject) => {
        stream.on("message", resolve);
        setTimeout(() => reject(new Error("nothing came in 20 s")), 20000).unref();
      });
      must(message.e === "aggTrade", message);
    } finally {
      await connection.disconnect();
    }
  });
}

for (const { run, ...about } of checks) {
  let failure = "";
  try {
    await run();
  } catch (error) {
    failure = `${error?.message ?? JSON.stringify(error)}`.slice(0, 500) || "failed";
  }
  console.log(JSON.stringify({ ...about, failure }));
}
process.exit(0);
