"""Markdown that tries to run, to load or to pass for the page; and what in a page could."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

from bs4 import BeautifulSoup

MARK = "attend-attack-ran"
RUN = f"document.documentElement.dataset.ran='{MARK}'"
MARKDOWN = [
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f'<svg onload="{RUN}"><script>{RUN}</script></svg>',
    f'<details open ontoggle="{RUN}"><summary>hint</summary></details>',
    f'<style>@keyframes a{{}} p{{animation:a 1s}}</style><p onanimationstart="{RUN}">x</p>',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<body onload="{RUN}"><video><source onerror="{RUN}"></video>',
    "<math><mtext></table><mglyph><style><!--</style>"
    f'<img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">',
    f'<form><math><mtext></form><form><mglyph><style></math><img src onerror="{RUN}">',
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"[a](javascript:{RUN}) <a href='java&#10;script:{RUN}'>b</a>",
    f"[c](data:text/html,<script>{RUN}</script>)",
    f'![p](x"onerror="{RUN}) ![q](data:image/svg+xml,<svg/onload={RUN}>)',
    f"<base href='http://127.0.0.1:9/'><meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"```\n</code></pre><script>{RUN}</script>\n```",
    f"$</script><script>{RUN}</script>$ and $$\\href{{javascript:{RUN}}}{{x}}$$",
    f'# <img src=x onerror="{RUN}"> a heading',
    f'|a|\n|--|\n|<img src=x onerror="{RUN}">|',
    "<div class='panel-footer' id='check_score_matrix' name=x style='top:0'>20 of 20</div>",
    f"[r]: javascript:{RUN}\n\n[r] <!--><script>{RUN}</script>-->",
    f"<link rel=stylesheet href='http://127.0.0.1:9/x.css'><object data='javascript:{RUN}'>",
]
RUNNING = (
    "script",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "form",
    "base",
    "meta",
    "link",
    "style",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def active_parts(page: str) -> Counter[str]:
    """What in a page runs, loads or restyles: elements, attributes, addresses."""
    soup = BeautifulSoup(page, "html.parser")
    found: Counter[str] = Counter()
    for element in soup.find_all(True):
        if element.name in RUNNING:
            found[f"<{element.name}> {element.get_text()[:60]} {element.get('src', '')}"] += 1
        for name, value in element.attrs.items():
            text = "".join(str(value).split()).lower()
            if name.startswith("on") or name in ("srcdoc", "srcset", "style", "background"):
                found[f"{element.name} {name}={text[:60]}"] += 1
            if name in ("src", "href", "action", "data", "formaction") and not text.startswith("#"):
                found[f"{element.name} {name}={text[:60]}"] += 1
            if name in ("id", "name") and element.name != "a":
                found[f"{element.name} {name}={text[:60]}"] += 1
    return found


def browser() -> str | None:
    """A browser without a window, where this machine has one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def after_scripts(address: str, profile: Path) -> str:
    """The page as it stands once its scripts have run; nothing is fetched but from this machine."""
    program = browser()
    assert program is not None
    command = [
        program,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={profile}",
    ]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    command += ["--virtual-time-budget=4000", "--timeout=20000", "--dump-dom", address]
    ran = subprocess.run(command, capture_output=True, timeout=90, check=False)
    return ran.stdout.decode(errors="replace")
