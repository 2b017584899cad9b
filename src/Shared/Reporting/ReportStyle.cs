namespace Tpo.Shared.Reporting;

/// <summary>The report's look: readable on a phone, in light and in dark.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--dim:#6b7280;--line:#d1d5db;--good:#15803d;--bad:#b91c1c;--unsure:#a16207}
        @media(prefers-color-scheme:dark){:root{--dim:#9ca3af;--line:#374151;--good:#4ade80;--bad:#f87171;--unsure:#facc15}}
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
        h1{font-size:1.4rem;line-height:1.25}h2{font-size:1.1rem;margin-top:2rem}
        .training{border-left:4px solid var(--unsure);padding:.4rem .8rem;margin:0 0 1rem}
        .gate b{text-transform:uppercase;margin-right:.4rem}.gate.pass b,.right a{color:var(--good)}.gate.regressed b,.wrong a{color:var(--bad)}.gate.inconclusive b{color:var(--unsure)}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
        th,td{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .figures th:not(:first-child){text-align:right}
        .dim{color:var(--dim);font-size:.85rem}dt{font-weight:600}dd{margin:0 0 .4rem;overflow-wrap:anywhere}
        svg{font-size:16px}@media(max-width:40rem){svg{font-size:26px}}summary{margin-top:2rem;font-weight:600;cursor:pointer}.flag{color:var(--bad)}code{font-size:.85em}.night line{stroke-width:3;stroke:#2563eb}.night circle{fill:#2563eb}.night.regressed line{stroke:var(--bad)}.night.regressed circle{fill:var(--bad)}.night.pass line{stroke:var(--good)}.night.pass circle{fill:var(--good)}
        svg{width:100%;max-width:40rem;height:auto}svg text{fill:currentColor}
        .zero{stroke:currentColor;stroke-dasharray:4 3}.interval{stroke:#2563eb;stroke-width:5;stroke-linecap:round}.mean{fill:#2563eb;stroke:Canvas;stroke-width:2}.margin{fill:var(--unsure);opacity:.18}
        """;
}
