"""Makes technical_values.tsv: pandas-ta's own values of what the set `technical` takes from it.

Needs pandas-ta-classic 0.8.32, TA-Lib 0.8.2, pandas and numpy. Run:

    python orrery/factor/oracle/make_technical_values.py > orrery/factor/oracle/testdata/technical_values.tsv

A line of `$` is an input, row by row; a line of a factor has every STRIDE-th row from row 0 on.
"""

import numpy as np
import pandas as pd
import pandas_ta_classic as ta

ROWS, STRIDE = 310, 7


def make_bars():
    random = np.random.default_rng(20)
    close = np.round(50 * np.exp(np.cumsum(0.02 * random.standard_normal(ROWS))), 2)
    opened = np.round(close * (1 + 0.01 * random.standard_normal(ROWS)), 2)
    high = np.round(np.maximum(opened, close) * (1.001 + 0.01 * random.random(ROWS)), 2)
    low = np.round(np.minimum(opened, close) * (0.999 - 0.01 * random.random(ROWS)), 2)
    volume = np.floor(1000 + 9000 * random.random(ROWS))
    return [pd.Series(values) for values in (opened, high, low, close, volume)]


def without_first(values, rows):
    """Missing where pandas-ta writes a number before there is one."""
    return values.where(values.index >= rows)


def main():
    o, h, low, c, v = make_bars()
    ichimoku = ta.ichimoku(h, low, c, as_dataframe=False)[0]
    squeeze = ta.squeeze(h, low, c, use_tr=True, mamode="sma")
    keltner = ta.kc(h, low, c, length=20, scalar=2, mamode="ema")
    aberration = ta.aberration(h, low, c)
    chandelier = ta.ce(h, low, c)
    kroll = ta.cksp(h, low, c)
    brar = ta.brar(o, h, low, c)
    kst, klinger = ta.kst(c), ta.kvo(h, low, c, v)
    rvgi = ta.rvgi(o, h, low, c)
    vwmacd, archer = ta.vwmacd(c, v), ta.aobv(c, v)
    thermo = ta.thermo(h, low)
    factors = {
        "fwma": ta.fwma(c),
        "swma": ta.swma(c),
        "ichimoku_tenkan": ichimoku["ITS_9"],
        "ichimoku_kijun": ichimoku["IKS_26"],
        "ichimoku_span_a": ichimoku["ISA_9"],
        "ichimoku_span_b": ichimoku["ISB_26"],
        "keltner_upper": keltner.iloc[:, 2],
        "keltner_lower": keltner.iloc[:, 0],
        "aberration_upper": aberration.iloc[:, 1],
        "aberration_lower": aberration.iloc[:, 2],
        "chandelier_long": chandelier.iloc[:, 0],
        "chandelier_short": chandelier.iloc[:, 1],
        "kroll_long": kroll.iloc[:, 0],
        "kroll_short": kroll.iloc[:, 1],
        "bias": ta.bias(c),
        "brar_ar": brar.iloc[:, 0],
        "brar_br": brar.iloc[:, 1],
        "cfo": ta.cfo(c),
        "center_of_gravity": ta.cg(c),
        "cti": ta.cti(c),
        "fisher": ta.fisher(h, low).iloc[:, 0],
        "kst": kst.iloc[:, 0],
        "kst_signal": kst.iloc[:, 1],
        "laguerre_rsi": without_first(ta.lrsi(c), 59),  # whose start depends on the first close
        "pgo": ta.pgo(h, low, c),
        "projection": ta.po(c),
        "psl": ta.psl(c),
        "rvgi": rvgi.iloc[:, 1],
        "rvgi_signal": rvgi.iloc[:, 2],
        "squeeze_momentum": squeeze.iloc[:, 0],
        "squeeze_on": without_first(squeeze["SQZ_ON"], 19),
        "trix_histogram": ta.trixh(c, length=18, signal=9).iloc[:, 2],
        "tsi_signal": ta.tsi(c).iloc[:, 1],
        "vwmacd": vwmacd.iloc[:, 0],
        "vwmacd_signal": vwmacd.iloc[:, 2],
        "choppiness": ta.chop(h, low, c),
        "ttm_trend": without_first(ta.ttm_trend(h, low, c).iloc[:, 0], 5),
        "archer_obv_fast": archer.iloc[:, 3],
        "archer_obv_slow": archer.iloc[:, 4],
        "historical_volatility": ta.hvol(c),
        "price_distance": ta.pdist(o, h, low, c),
        "thermo": thermo.iloc[:, 0],
        "thermo_mean": thermo.iloc[:, 1],
        "ulcer_index": ta.ui(c),
        "zscore": ta.zscore(c),
        "standard_error": ta.stderr(c),
        "ease_of_movement": ta.eom(h, low, c, v),
        "klinger": klinger.iloc[:, 0],
        "klinger_signal": klinger.iloc[:, 1],
        "price_volume": ta.pvol(c, v),
        "price_volume_rank": without_first(ta.pvr(c, v), 1),
        "volume_oscillator": ta.vosc(v),
        "volume_flow": ta.vfi(c, v),
    }
    print("# Made by make_technical_values.py with pandas-ta-classic 0.8.32.")
    for name, values in zip(("open", "high", "low", "close", "volume"), (o, h, low, c, v), strict=True):
        print(f"${name}\t" + ",".join(f"{value:.13g}" for value in values))
    for name, values in factors.items():
        cells = ("" if np.isnan(value) else f"{value:.13g}" for value in values.to_numpy(dtype=float)[::STRIDE])
        print(f"{name}\t" + ",".join(cells))


if __name__ == "__main__":
    main()
