"""Secrets where commands, statements and their files take them: `curl -u`, `mysql -p`, `identified by`."""

from __future__ import annotations

from incident.core.redaction import values
from incident.core.redaction.form import SHELL, Form

_WORDS = r"[^|;\n]{0,400}?[ ]"  # the words of a command in front of the one that counts
_MYSQL = r"""(?<![\w.-])(?:mysql(?:dump|admin|check|import|show|sh|pump|slap|binlog)?
    |mariadb(?:-dump|-admin|-check|-import)?|xtrabackup)"""
_LOGIN = r"(?<![\w/.-])(?:docker|podman|nerdctl|oras|helm[ ]registry|oc|az|argocd|buildah|skopeo|crane|cf)[ ]login"
_LOWER_P = (
    r"(?<![\w.-])(?:sshpass|mongo(?:sh|dump|restore|export|import|stat)?|cqlsh|rdesktop|beeline|clickhouse-client)"
)
_UPPER_P = r"(?<![\w.-])(?:sqlcmd|bcp|ipmitool|7z|zip|unzip|isql|tsql)"
_LDAP = r"(?<![\w.-])ldap(?:search|modify|add|delete|whoami|passwd|compare)"
_SNMP = r"(?<![\w.-])snmp(?:walk|get|set|getnext|bulkwalk|bulkget|trap)"


def _password(needs: tuple[str, ...], pattern: str, judge: values.Judge = values.argument) -> Form:
    return Form("password", needs, pattern, judge)


FORMS = (
    _password(
        ("curl", "wget", "http", "etcdctl", "influx"),
        r"""(?<!\S)(?:-u|-U|-a|--user|--proxy-user|--auth)[ =]{0,3}(?:"[^\s:"]{0,100}:([^"\n]{1,500}+)
        |'[^\s:']{0,100}:([^'\n]{1,500}+)|[^\s:"'/]{0,100}:((?:[^\s"'`|;<>\\]|\\\S){1,500}+))""",
    ),
    _password(("mysql", "mariadb", "xtrabackup"), rf"{_MYSQL}{_WORDS}-p{SHELL}", values.option),
    _password(("login",), rf"{_LOGIN}{_WORDS}-p[ =]?{SHELL}"),
    _password(("sshpass", "mongo", "cqlsh", "rdesktop", "beeline", "clickhouse"), rf"{_LOWER_P}{_WORDS}-p[ ]?{SHELL}"),
    _password(("sqlcmd", "bcp", "ipmitool", "zip", "7z", "sql"), rf"{_UPPER_P}{_WORDS}-[Pp][ ]?{SHELL}"),
    _password(("redis", "valkey", "keydb"), rf"(?<![\w.])(?:redis|valkey|keydb)-cli{_WORDS}(?:-a|--pass)[ ]{SHELL}"),
    _password(("requirepass", "masterauth"), rf"(?:requirepass|masterauth)[ ]{{1,8}}{SHELL}"),
    _password(("ldap",), rf"{_LDAP}{_WORDS}-[ws][ ]?{SHELL}"),
    _password(("snmp",), rf"{_SNMP}{_WORDS}-[AXc][ ]{SHELL}", values.password),
    _password(("smb", "rpcclient", "cifs"), r"(?<!\S)-U[ ]?['\"]?[\w.\\/-]{1,80}%([^\s'\"]{3,100}+)"),
    _password(("lftp",), r"(?<!\S)-u[ ]?['\"]?[^\s,'\"]{1,80},([^\s'\"]{3,100}+)"),
    _password(("ssh-keygen",), rf"(?<!\S)-[NP][ ]{SHELL}"),
    _password(("openssl", "pass:"), r"(?<!\S)-pass(?:in|out)?[ ]{1,3}['\"]?pass:([^\s'\"]{3,200}+)"),
    _password(
        ("chpasswd",),
        r"echo[ ](?:-[en]{1,2}[ ])?['\"]?[\w.-]{1,60}:([^\s|'\"]{3,200}+)['\"]?[ ]{0,3}\|.{0,60}?chpasswd",
    ),
    _password(
        ("sudo", "passwd", "login", "secret"),
        rf"""(?:echo|printf)[ ](?:-[en]{{1,2}}[ ])?{SHELL}['"]?[ ]{{0,3}}\|[^|]{{0,200}}?
        (?:sudo[ ](?:-\w[ ]){{0,3}}-S|passwd[ ]--stdin|--password-stdin|gcloud[ ]secrets|gh[ ]secret|secretsmanager)""",
        values.certain,
    ),
    _password(
        ("htpasswd",), rf"htpasswd[ ](?:-\w{{1,4}}[ ]){{0,4}}-\w{{0,4}}b\w{{0,4}}[ ]\S{{1,200}}[ ]\S{{1,80}}[ ]{SHELL}"
    ),
    _password(
        ("rabbitmqctl",),
        rf"rabbitmqctl{_WORDS}(?:add_user|change_password|authenticate_user)[ ]{{1,4}}\S{{1,80}}[ ]{{1,4}}{SHELL}",
    ),
    _password(
        ("identified", "password"),
        r"""(?i:identified[ ](?:with[ ][\w']{1,40}[ ])?by|(?:with|encrypted|set)[ ]password|password[ ]for[^=]{1,80}=
        |password\()[ ]{0,4}'([^'\n]{3,200}+)'""",
        values.certain,
    ),
    _password(("mysqladmin",), rf"{_MYSQL}{_WORDS}password[ ]{{1,4}}{SHELL}"),
    _password(("auth",), rf"(?:\A|>[ ])AUTH[ ](?:\w{{1,40}}[ ])?{SHELL}"),
    _password(("auth",), r"(?i:stats[ ]auth|smtp[ ]auth)[ ]{1,4}\S{1,80}:(\S{3,100}+)"),
    _password(
        ("machine", "login"), rf"(?<!\S)login[ ]{{1,4}}\S{{1,200}}[ ]{{1,4}}password[ ]{{1,4}}{SHELL}", values.certain
    ),
    _password(("432:",), r"(?m:^)[\w.*-]{1,200}:[56]432:[\w*-]{1,80}:[\w*-]{1,80}:([^\s:]{3,200}+)\Z", values.certain),
    _password(("--from-literal",), rf"--from-literal[= ]['\"]?[\w.-]{{1,100}}={SHELL}"),
    Form(
        "secret",
        ("vault", "secrets set"),
        r"(?:vault[ ](?:kv[ ](?:put|patch)|write)|secrets[ ]set)[ ]([^\n|]{3,4000}+)",
        values.named,
        within=r"(?<!\S)[\w.-]{1,80}=['\"]?([^\s'\"]{5,1000}+)",
    ),
    Form(
        "secret", ("unseal",), r"(?i:unseal[ ](?:key[ ])?(?:\d[ ]{0,3}[:=][ ]{0,3})?)([\w+/=-]{30,200}+)", values.named
    ),
    Form("secret", ("gh secret",), rf"gh[ ]secret[ ]set[ ]{_WORDS}(?:-b|--body)[ =]{SHELL}", values.argument),
    Form(
        "secret",
        ("mc alias",),
        rf"mc[ ]alias[ ]set[ ]\S{{1,80}}[ ]\S{{1,200}}[ ]\S{{1,200}}[ ]{SHELL}",
        values.argument,
    ),
    Form("secret", ("securestring",), rf"put-parameter{_WORDS}--value[ =]{SHELL}", values.argument),
    Form("token", ("authtoken",), r"authtoken[ ]{1,3}([\w-]{20,100}+)", values.named),
    Form(
        "token",
        ("token",),
        r"(?i:(?:access|auth|api|bearer|session|root)[ _-]?token[ ]{1,3}(?:is[ ])?)([\w.~+/=-]{20,2000}+)",
        values.random,
    ),
    Form("aws key", ("aws_",), rf"(?i:aws_secret_access_key|aws_session_token)[ ]{{1,4}}{SHELL}", values.named),
    Form("community", ("community",), r"(?i:snmp-server[ ]community|r[ow]community6?)[ ](\S{4,60}+)", values.password),
)
