"""Tokens that a provider gives a prefix of its own, and addresses that are secrets as they are."""

from __future__ import annotations

from incident.core.redaction import values
from incident.core.redaction.blocks import KEY_BEGINS, KEY_KIND
from incident.core.redaction.form import LONGEST, Form

# What each begins with, in lower case, and what it looks like as a whole.
_KINDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "git token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"gh[pousr]_[A-Za-z0-9]{16,255}+ | github_pat_[A-Za-z0-9_]{22,255}+",
    ),
    (
        "git token",
        ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-"),
        r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-(?=[\w.-]{0,300}?\d)[\w.-]{20,300}+",
    ),
    (
        "slack token",
        ("xox", "xapp-"),
        r"xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,300}+ | xapp-\d-[A-Za-z0-9-]{20,300}+",
    ),
    ("vault token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{20,500}+"),
    ("grafana token", ("glsa_", "glc_"), r"gl(?:sa|c)_[\w+/=]{20,500}+"),
    (
        "stripe key",
        ("k_live_", "k_test_", "k_prod_", "whsec_"),
        r"[srp]k_(?:live|test|prod)_[A-Za-z0-9]{10,250}+ | whsec_[A-Za-z0-9+/=]{20,100}+",
    ),
    (
        "google key",
        ("aiza", "gocspx-", "ya29."),
        r"AIza[\w-]{30,45}+ | GOCSPX-[\w-]{20,40}+ | ya29\.[\w-]{20,1000}+",
    ),
    ("azure key", ("q~",), r"[\w.~-]{3}\dQ~[\w.~-]{31,34}"),
    (
        "model key",
        ("sk-", "hf_", "r8_", "gsk_", "xai-", "pplx-", "nvapi-"),
        r"""sk-(?:proj|ant|svcacct|admin|or|lf)-[\w-]{20,300}+ | sk-[A-Za-z0-9]{32,100} | hf_[A-Za-z]{30,50}
        | r8_[A-Za-z0-9]{30,50} | gsk_[A-Za-z0-9]{40,60} | xai-[A-Za-z0-9]{60,100} | pplx-[A-Za-z0-9]{40,60}
        | nvapi-[\w-]{50,90}""",
    ),
    (
        "package token",
        ("npm_", "pypi-", "rubygems_", "dckr_pat_", "dckr_oat_"),
        r"""npm_[A-Za-z0-9]{30,100}+ | pypi-[\w-]{50,300}+ | rubygems_[0-9a-f]{40,64} | dckr_[po]at_[\w-]{20,100}+""",
    ),
    (
        "cloud token",
        ("6~", "_v1_", "dp.", "pul-", "dapi", "tskey-", "fo1_", "fm1", "fm2", ".atlasv1.", "pscale_", "sbp_", "nfp_",
         "sb_secret_", "vercel_", "hrku-", "rnd_", "ctp_", "ccipat_", "bkua_", "bkat_", "bkcr_", "age-secret-key-1",
         "ops_ey"),
        r"""sha256~[\w-]{40,50} | do[por]_v1_[0-9a-f]{40,80} | pul-[0-9a-f]{40} | dapi[0-9a-f]{32}(?:-\d)?
        | dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,40}\.)?[A-Za-z0-9]{30,60}
        | tskey-[a-z]{2,12}-[\w-]{10,100}+
        | fo1_[\w-]{40,60} | fm[12][ar]?_[A-Za-z0-9+/=]{60,1000}+ | [A-Za-z0-9]{14}\.atlasv1\.[\w-]{50,100}
        | pscale_(?:tkn|pw|oauth)_[\w.-]{30,80} | sbp_[0-9a-f]{40} | sb_secret_[\w-]{20,60} | nfp_[A-Za-z0-9]{30,50}
        | vercel_[A-Za-z0-9]{20,60} | HRKU-[\w-]{30,80} | rnd_[A-Za-z0-9]{28,60} | ctp_[A-Za-z0-9]{30,60}
        | CCIPAT_\w{20,100} | bk(?:ua|at|cr)_[0-9a-f]{40} | AGE-SECRET-KEY-1[0-9A-Z]{50,60}
        | ops_eyJ[\w+/=-]{60,2000}+""",
    ),
    (
        "service token",
        ("sg.", "lin_api_", "lin_oauth_", "ntn_", "shpat_", "shpca_", "shppa_", "shpss_", "shptka_", "sntrys_",
         "sntryu_", "nrak-", "nrii-", "nrjs-", "nrra-", "nriq-", "pmak-", "sq0atp-", "sq0csp-", "sq0idp-", "dt0",
         "squ_", "sqp_", "sqa_", "xkeysib-", "phx_", "sdk-", "mob-", "api-", "cfpat-", "pnu_", "ico-", "secret_",
         "key-", "figd_", "tfp_"),
        r"""SG\.[\w-]{16,40}\.[\w-]{16,80} | lin_(?:api|oauth)_[A-Za-z0-9]{30,80} | ntn_[A-Za-z0-9]{30,60}
        | shp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{32,64} | sntry[su]_[\w+/=-]{30,400}+ | NR(?:AK|II|JS|RA|IQ)-[\w-]{19,60}
        | PMAK-[0-9a-f]{24}-[0-9a-f]{34} | sq0(?:atp|csp|idp)-[\w-]{20,60} | dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}
        | sq[upa]_[0-9a-f]{40} | xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16} | phx_[A-Za-z0-9]{30,60}
        | (?:sdk|mob|api)-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12} | CFPAT-[\w-]{40,60} | pnu_[A-Za-z0-9]{36}
        | ico-[A-Za-z0-9]{32} | secret_[A-Za-z0-9]{43} | key-[0-9a-f]{32} | figd_[\w-]{30,80} | tfp_[\w-]{40,80}""",
    ),
)  # fmt: skip
PREFIXES = tuple(prefix for _, prefixes, _ in _KINDS for prefix in prefixes)


def _is_jwt(value: str) -> bool:
    return value.count(".") > 1 or ".eyJ" in value


def _is_user(value: str) -> bool:
    """A token in the place of the user of a URL."""
    return values.random(value) or len(value) in (32, 40, 64)


_URL = r"(?<![A-Za-z])[A-Za-z][A-Za-z0-9+.-]{1,30}://"

FORMS = (
    *(Form(kind, prefixes, rf"(?<![A-Za-z0-9])({form})", values.anything) for kind, prefixes, form in _KINDS),
    Form("bot token", (":aa",), r"(?<!\d)(\d{8,10}:AA[\w-]{32,34})", values.anything),
    Form("aws key", ("akia", "asia"), r"(?<![A-Za-z0-9])((?:AKIA|ASIA)[A-Z0-9]{16})(?![A-Za-z0-9])", values.anything),
    Form(
        "aws key",  # a table of credentials names no column
        ("akia", "asia"),
        r"""(?<![A-Za-z0-9/+=])((?=[a-z0-9/+]{0,39}[A-Z])(?=[A-Z0-9/+]{0,39}[a-z])[A-Za-z0-9/+]{40})
        (?![A-Za-z0-9/+=])""",
        values.random,
    ),
    Form("aws token", ("fwogz", "iqojb3"), r"(?<!\w)((?:FwoGZX|IQoJb3)[A-Za-z0-9/+=%]{80,8000}+)", values.anything),
    Form("jwt", ("eyj",), r"(?<![\w-])(eyJ[\w-]{10,8000}+\.[\w-]{0,8000}+(?:\.[\w-]{0,8000}+){0,3})", _is_jwt),
    Form("token", ("eyj",), r"(?<![\w-])(eyJ(?:rIjoi|hdXRocyI6|hIjoi)[A-Za-z0-9+/=_-]{30,16000}+)", values.anything),
    Form(
        KEY_KIND,  # a whole one on a line: in JSON, in a variable
        ("private key",),
        rf"""({KEY_BEGINS}(?:\\{{1,4}}[nr]|\s){{0,4}}
        (?:(?:Proc-Type|DEK-Info):[ ][\w,-]{{1,80}}(?:\\{{1,4}}[nr]|\s){{0,4}}){{0,2}}
        [A-Za-z0-9+/=]{{32}}(?:[A-Za-z0-9+/=\s]|\\{{1,4}}[nr]){{1,{LONGEST}}}+(?:-----END[ A-Z0-9]{{1,60}}-----)?)""",
        lambda value: True,
    ),
    Form("private key", ("ls0tls",), rf"(LS0tLS1CRUdJTi[A-Za-z0-9+/=]{{1,{LONGEST}}}+)", values.private_key),
    Form(
        "password hash",
        ("$",),
        r"(\$(?:[1567y]|gy|2[abxy]?|argon2(?:id|i|d)|scrypt|pbkdf2-[\w-]{2,10})\$[./A-Za-z0-9$=,+-]{20,300}+)",
        values.anything,
    ),
    Form("hook", ("hook",), r"(?i:hooks\.slack(?:-gov)?\.com/[a-z]{1,20}/)([\w+/-]{20,300}+)", values.anything),
    Form("hook", ("hook",), r"(?i:discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/)([\w/-]{30,200}+)", values.anything),
    Form("hook", ("hook",), r"(?i:office\.com/webhook(?:b2)?/)([\w@/-]{30,300}+)", values.anything),
    Form("hook", ("/integration/",), r"(?i:pagerduty\.com/integration/)(\w{20,40}+)", values.anything),
    Form("signature", ("sig",), r"(?i:[?&;](?:x-(?:amz|goog)-)?sig(?:nature)?=)([\w%+/=-]{20,1000}+)", values.anything),
    Form("signature", ("aws4-",), r"AWS4-HMAC-SHA256.{1,500}?Signature=([0-9a-f]{64})", values.anything),
    Form(
        "password",
        ("://",),
        _URL + r"""[^\s/:@<>{}"'`\\|^]{0,100}+:([^\s"'`<>\\]{1,300}?)@(?=[\w\[.$<{-])(?![^\s/"'`<>\\]{1,300}@)""",
        values.in_address,
    ),
    Form("token", ("://",), _URL + r"([\w~-]{20,300}+)@", _is_user),
    Form("password", ("@",), r"(?<![\w/])[\w.-]{1,60}+:([^\s@:/\"'`]{3,200}+)@(?:tcp|unix)\(", values.certain),
    Form(
        "password",
        ("oracle:thin", "sqlplus"),
        r"""(?:oracle:thin:|sqlplus[ ]{1,4}(?:-\w{1,2}[ ]{1,4}){0,3}['"]?)[\w$\#.-]{1,40}+/
        ([^\s@"'/]{3,100}+)(?=@|[\s"']|\Z)""",
        values.certain,
    ),
)
