"""The requests that a member makes: a fixed mix from one seed, over the instruments of the example.

Prices lie around the venue's base prices, so that some trade, most rest, and some break a check on
purpose.
"""

import datetime
import pathlib
import random
import tomllib

import quickfix as fix

BUY, SELL = "1", "2"
# What the member trades, with the tick around its base price.
TICKS = {"005930": 100, "000660": 100, "069500": 5}
ACCOUNT, ACCOUNT_UNKNOWN = "ACC-1", "ACC-7"


def base_prices():
    """The venue's own base prices: the gateway learns them over the market-state line."""
    path = pathlib.Path(__file__).resolve().parent.parent / "exchange" / "instruments.toml"
    instruments = tomllib.loads(path.read_text())["instrument"]
    return {entry["symbol"]: int(float(entry["base_price"])) for entry in instruments}


class Requests:
    """Makes requests with ClOrdIDs that never repeat."""

    def __init__(self, seed, begin_string="FIX.4.4"):
        self.begin_string = begin_string
        self.random = random.Random(seed)
        self.base_prices = base_prices()
        self.count = 0

    def cl_ord_id(self, kind):
        self.count += 1
        return f"{kind}{self.count:06d}"

    def order(self):
        """A NewOrderSingle(D): one in twelve is refused by a check, one in four may trade."""
        symbol, tick = self.random.choice(list(TICKS.items()))
        base = self.base_prices[symbol]
        draw, account = self.random.random(), ACCOUNT
        side = self.random.choice((BUY, BUY, SELL))
        away = self.random.randint(2, 12) * tick
        price = base - away if side == BUY else base + away
        if draw < 0.03:
            account = ACCOUNT_UNKNOWN
        elif draw < 0.06:
            price += 0.5
        elif draw < 0.08:
            price = base * 2
        elif draw < 0.33:
            price = base + away if side == BUY else base - away
        if symbol != "005930":
            # Only the first instrument is held; a sale of another is refused.
            side = BUY if draw > 0.1 else side
        message = self.message("D", self.cl_ord_id("D"), symbol, side)
        message.setField(1, account)
        message.setField(38, str(self.random.randint(1, 50) * 10))
        message.setField(40, "2")
        message.setField(44, f"{price:g}")
        message.setField(59, "0")
        return message

    def cancel(self, orig_cl_ord_id, request):
        """An OrderCancelRequest(F)."""
        message = self.message("F", self.cl_ord_id("F"), request["symbol"], request["side"])
        message.setField(41, orig_cl_ord_id)
        message.setField(38, str(request["qty"]))
        return message

    def replace(self, orig_cl_ord_id, request):
        """An OrderCancelReplaceRequest(G): more quantity at the same price."""
        message = self.message("G", self.cl_ord_id("G"), request["symbol"], request["side"])
        message.setField(41, orig_cl_ord_id)
        message.setField(1, ACCOUNT)
        message.setField(38, str(request["qty"] + 10))
        message.setField(40, "2")
        message.setField(44, request["price"])
        message.setField(59, "0")
        return message

    def unusual(self):
        """Requests that are refused in one way each, and orders with fields that others have not."""
        unreadable, unsupported, elsewhere = self.plain(), self.plain(), self.plain()
        unreadable.setField(38, "ten")
        # A stop order is FIX, and nothing that is traded here.
        unsupported.setField(40, "3")
        unsupported.setField(99, "75000")
        elsewhere.setField(100, "NOWHERE")
        unknown = {"symbol": "005930", "side": BUY, "qty": 10, "price": "75000"}
        status = self.message("H", self.cl_ord_id("H"), "005930", BUY)
        missing = self.plain()
        missing.removeField(60)
        at_once, at_market = self.plain(), self.plain()
        at_once.setField(59, "3")
        at_market.setField(40, "1")
        at_market.removeField(44)
        by_voice = self.plain()
        for tag, value in ((20101, "2"), (20102, "3"), (20103, "VOICE-1")):
            by_voice.setField(tag, value)
        return [unreadable, missing, unsupported, elsewhere, status, at_once, at_market, by_voice,
                self.cancel("NEVER-SENT", unknown), self.replace("NEVER-SENT", unknown)]

    def plain(self):
        """A buy order that rests and passes every check."""
        base = self.base_prices["005930"]
        message = self.message("D", self.cl_ord_id("D"), "005930", BUY)
        for tag, value in ((1, ACCOUNT), (38, "10"), (40, "2"), (59, "0"),
                           (44, f"{base - 5 * TICKS['005930']:g}")):
            message.setField(tag, value)
        return message

    def message(self, kind, cl_ord_id, symbol, side):
        message = fix.Message()
        message.getHeader().setField(8, self.begin_string)
        message.getHeader().setField(35, kind)
        message.setField(11, cl_ord_id)
        if kind in "DG":
            # FIX.4.2 requires HandlInst; later versions have it too.
            message.setField(21, "1")
        message.setField(55, symbol)
        message.setField(54, side)
        now = datetime.datetime.now(datetime.timezone.utc)
        message.setField(60, now.strftime("%Y%m%d-%H:%M:%S.%f")[:-3])
        return message
