"""What is a secret by its form, and what only resembles one. Every secret here is drawn, not written down."""

from __future__ import annotations

import string
from base64 import b64encode
from random import Random

import pytest

from incident.core.redaction import Redactor

_ANY = string.ascii_letters + string.digits


def drawn(count: int, letters: str = _ANY) -> str:
    """Letters and digits, the same ones each time, with one of each sort."""
    draw = Random(f"{count} {letters}")
    return "".join(draw.choices(letters, k=count - 3)) + "".join(draw.choice(letters[part::3]) for part in range(3))


def hexed(count: int) -> str:
    return drawn(count, "0123456789abcdef")


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


LONG = drawn(40)
MIXED = drawn(24)
SHORT = drawn(12)
WEAK = "Winter" + "#" + "2031"
PHRASE = "correct-horse" + "!" + "0g4"
UUID = f"{hexed(8)}-{hexed(4)}-{hexed(4)}-{hexed(4)}-{hexed(12)}"
UPPER = drawn(16, string.ascii_uppercase + string.digits)
PEM = "-----BEGIN " + "PRIVATE KEY-----"
PEM_END = "-----END " + "PRIVATE KEY-----"
KEY_ROWS = [drawn(64), drawn(63) + "x", drawn(30)]

SECRETS = [
    # prefixes of providers
    f"fetched with ‹{'AK' + 'IA' + UPPER}›",
    f"gh auth: ‹{'gh' + 'p_' + drawn(36)}› ok",
    f"token ‹{'gh' + 's_' + drawn(36)}›",
    f"‹{'github' + '_pat_' + drawn(22) + '_' + drawn(59)}›",
    f"git clone https://oauth2:‹{'gl' + 'pat-' + drawn(20)}›@gitlab.acme.test/x.git",
    f"runner ‹{'gl' + 'rt-' + drawn(20)}› registered",
    f"slack post failed (‹{'xo' + 'xp-' + '13224190271-156768563950-' + drawn(24)}›)",
    f"‹{'xa' + 'pp-1-A0-' + drawn(40)}›",
    f"posted to https://hooks.slack.com/services/‹T0{UPPER[:7]}/B0{UPPER[3:10]}/{drawn(24)}›",
    f"https://discord.com/api/webhooks/‹{'1234567890' + '12345678/' + drawn(68)}›",
    f"https://acme.webhook.office.com/webhookb2/‹{UUID}@{UUID}/Incoming/{hexed(32)}/{UUID}›",
    f"POST https://events.pagerduty.com/integration/‹{hexed(32)}›/enqueue",
    f"‹{'hv' + 's.' + drawn(24)}›",
    f"‹{'gl' + 'sa_' + drawn(32) + '_' + hexed(8)}›",
    f"‹{'gl' + 'c_eyJ' + drawn(60)}›",
    f"charge with ‹{'sk' + '_live_' + drawn(24)}›",
    f"‹{'rk' + '_test_' + drawn(24)}›",
    f"GET /maps/api/js?key=‹{'AI' + 'za' + drawn(35)}› 200",
    f"‹{'GOC' + 'SPX-' + drawn(28)}›",
    f"‹{'ya' + '29.' + drawn(60)}›",
    f"‹{'np' + 'm_' + drawn(36)}›",
    f"‹{'py' + 'pi-AgEIcHlwaS5vcmc' + drawn(80)}›",
    f"‹{'dop' + '_v1_' + hexed(64)}›",
    f"‹{'SG' + '.' + drawn(22) + '.' + drawn(43)}›",
    f"‹{'sk' + '-proj-' + drawn(48)}›",
    f"‹{'sk' + '-' + drawn(48)}›",
    f"‹{'hf' + '_' + drawn(34, string.ascii_letters)}›",
    f"‹{'da' + 'pi' + hexed(32)}›",
    f"‹{'NR' + 'AK-' + drawn(27, string.ascii_uppercase + string.digits)}›",
    f"‹{'tskey' + '-auth-' + drawn(12) + '-' + drawn(32)}›",
    f"‹{'sntrys' + '_' + drawn(60)}›",
    f"‹{'shp' + 'at_' + hexed(32)}›",
    f"‹{'lin' + '_api_' + drawn(40)}›",
    f"‹{'PM' + 'AK-' + hexed(24) + '-' + hexed(34)}›",
    f"curl https://api.telegram.org/bot‹{'110201543' + ':AA' + drawn(33)}›/sendMessage",
    f"client ‹{drawn(3)}{'8' + 'Q~'}{drawn(34)}› expired",
    f"‹{'dp' + '.pt.' + drawn(43)}›",
    f"‹{drawn(14)}.{'atlas' + 'v1'}.{drawn(67)}›",
    f"‹{'dckr' + '_pat_' + drawn(27)}›",
    f"‹{'AGE-SECRET' + '-KEY-1' + drawn(58, string.ascii_uppercase + string.digits)}›",
    f"‹{'FwoG' + 'ZXIvYXdz' + drawn(160)}›",
    # JSON web tokens, keys and hashes
    f"Set id_token=‹{'ey' + 'J' + drawn(30)}.{'ey' + 'J' + drawn(40)}.{drawn(43)}› ok",
    f"got ‹{'ey' + 'J' + drawn(30)}.{'ey' + 'J' + drawn(40)}.{drawn(43)}›",
    f"client-key-data: ‹{b64(PEM + chr(10) + KEY_ROWS[0])}›",
    f'"private_key": "‹{PEM}\\n{KEY_ROWS[0]}\\n{KEY_ROWS[1]}\\n{PEM_END}›\\n"',
    f"{'root:'}‹{'$' + '6$' + drawn(16) + '$' + drawn(86)}›:19000:0:99999:7:::",
    f"admin:‹{'$' + '2y$05$' + drawn(53)}›",
    # headers
    f"curl -H 'Authorization: Bearer ‹{LONG}›' https://api.acme.test",
    f'Authorization: Token token="‹{MIXED}›"',
    f"authorization: GenieKey ‹{UUID}›",
    f"Authorization: Basic ‹{b64('deploy:' + WEAK)}›",
    f"Proxy-Authorization: Basic ‹{b64('deploy:' + WEAK)}›",
    f"Authorization: SSWS ‹00{LONG}›",
    f"Authorization: ‹{LONG}›",
    f'{{"headers":{{"Authorization":"Bearer ‹{LONG}›"}}}}',
    f'{{\\"Authorization\\": \\"Bearer ‹{LONG}›\\"}}',
    f"> X-API-Key: ‹{hexed(32)}›",
    f"X-Vault-Token: ‹{MIXED}›",
    f"X-Consul-Token: ‹{UUID}›",
    f"PRIVATE-TOKEN: ‹{MIXED}›",
    f"DD-API-KEY: ‹{hexed(32)}›",
    f"got Bearer ‹{LONG}› from upstream",
    f"Cookie: theme=dark; session=‹{LONG}›; connect.sid=‹{drawn(32)}›",
    f"Set-Cookie: sid=‹{LONG}›; Path=/; HttpOnly",
    f"curl -b 'session=‹{LONG}›' https://admin.acme.test/",
    f"PHPSESSID=‹{drawn(26)}›",
    # name and value
    f"PGPASSWORD=‹{WEAK}› psql -h db1",
    f"export DB_PASSWORD='‹{PHRASE}›'",
    f"password: ‹{WEAK}›",
    f"  db_pass: \"‹{WEAK} x›\"",
    f"spring.datasource.password=‹{SHORT}›",
    f"dbPassword = ‹{SHORT}›",
    f"pw: ‹{WEAK}›",
    f"password: ‹{'2031' + '0412'}›",
    f"password: ‹{'Winter' + '-EKAS'}›",
    f"password: ‹{'dragon' + '-Wsf'}›",
    f"password: ‹{'hunter' + '-690'}›",
    f'password: "‹{",;:" + "-?."}›"',
    f"token: ‹{'GJAWZY' + 'XLCGIAQIYW'}›",
    f"token: ‹{'qemxwoLWG' + 'ylxWNbiokve'}›",
    f"pwd=‹{SHORT}›;",
    f"Server=db1;User Id=sa;Password=‹{WEAK}›;Encrypt=true",
    f"Server=db1;Uid=sa;Pwd=‹{WEAK}›;",
    f"jdbc:mysql://db1/acme?user=acme&password=‹{SHORT}›&useSSL=true",
    f"GET /hook?token=‹{MIXED}›&alert=acme HTTP/1.1",
    f"?access_token=‹{MIXED}›",
    f'{{"client_id":"acme","client_secret":"‹{drawn(32)}›"}}',
    f'{{\\"client_secret\\":\\"‹{drawn(32)}›\\"}}',
    f"'refresh_token' => '‹{LONG}›'",
    f"AWS_SECRET_ACCESS_KEY=‹{drawn(40)}›",
    f"aws_secret_access_key = ‹{drawn(22)}/{drawn(17)}›",
    f"aws configure set aws_secret_access_key ‹{drawn(40)}›",
    f'"SecretAccessKey": "‹{drawn(40)}›",',
    f'"SessionToken": "‹{drawn(200)}›"',
    f"AccountName=acme;AccountKey=‹{drawn(86)}==›;EndpointSuffix=core.windows.net",
    f"Endpoint=sb://acme.test/;SharedAccessKeyName=root;SharedAccessKey=‹{drawn(43)}=›",
    f"DD_API_KEY=‹{hexed(32)}› datadog-ci run",
    f"STRIPE_KEY=‹{MIXED}›",
    f"OPENAI_API_KEY: ‹{MIXED}›",
    f"//registry.acme.test/:_authToken=‹{UUID}›",
    f"_auth=‹{b64('deploy:' + WEAK)}›",
    f'"auth": "‹{b64("deploy:" + WEAK)}›"',
    f"otpauth://totp/acme?secret=‹{UPPER}›&issuer=acme",
    f"PrivateKey = ‹{drawn(43)}=›",
    f"wpa_psk=‹{MIXED}›",
    f"helm upgrade acme ./chart --set db.password=‹{SHORT}›,image.tag=4f2a9c1",
    f"terraform apply -var 'db_password=‹{WEAK}›'",
    f"app --password ‹{WEAK}› --verbose",
    f"app --db-password=‹{WEAK}›",
    f"app --token ‹{MIXED}›",
    f"app --api-key=‹{hexed(32)}›",
    f"java -Djavax.net.ssl.keyStorePassword=‹{WEAK}› -jar x.jar",
    f"the password is ‹{WEAK}›",
    f"<password>‹{WEAK}›</password>",
    f'{{"name":"DB_PASSWORD","value":"‹{WEAK}›"}}',
    f"SECRET_KEY_BASE=‹{hexed(128)}›",
    f"A temporary password is generated for root@localhost: ‹{WEAK}›",
    f"New password for kim: ‹{WEAK}›",
    f'  ~ password = "‹{WEAK}›" -> "‹{PHRASE}›"',
    f"set -gx GITHUB_TOKEN ‹{MIXED}›",
    f"ENV DB_PASSWORD ‹{WEAK}›",
    f"Fastly-Key: ‹{drawn(32)}›",
    f"key = ‹AQ{drawn(36)}==›",
    f"redirect=https%3A%2F%2Facme.test%3Ftoken%3D‹{MIXED}›",
    f" db_password | ‹{WEAK}›",
    f"oc login --token=‹{'sha' + '256~' + drawn(43)}›",
    f"username=kim&password=‹{'Winter' + '%232031'}›&grant_type=password",
    f"Env: [DB_PASSWORD=‹{WEAK}› HOME=/root]",
    # addresses
    f"DATABASE_URL=postgres://acme:‹{WEAK.replace('#', '!')}›@db1.acme.test:5432/acme",
    f"redis://:‹{MIXED}›@cache:6379/0",
    f"amqp://kim:‹{'letme' + 'inplease'}›@mq/",
    f"mongodb+srv://acme:‹{SHORT}›@cluster0.acme.test/test",
    f"postgres://acme:‹p@ss{SHORT}›@db1/acme",
    f"https://‹{LONG}›@github.com/acme/x.git",
    f"acme:‹{SHORT}›@tcp(db1:3306)/acme",
    f"jdbc:oracle:thin:acme/‹{SHORT}›@db1:1521/x",
    f"https://acme.blob.core.windows.net/c?sv=2020&sig=‹{drawn(43)}%3D›&se=2026",
    f"https://s3.acme.test/x?X-Amz-Signature=‹{hexed(64)}›",
    # commands
    f"curl -u admin:‹{WEAK}› https://es.acme.test:9200/_cat/health",
    f"curl -u 'admin:‹{WEAK}›' https://es.acme.test:9200",
    f"curl --user admin:‹{'plainword'}› https://es.acme.test:9200",
    f"mysql -h db1 -u root -p‹{SHORT}› -e 'show processlist'",
    f"mysqldump -uroot -p'‹{WEAK}›' acme",
    f"mysql -h db1 --password=‹{SHORT}›",
    f"docker login -u ci -p ‹{SHORT}› registry.acme.test",
    f"sshpass -p '‹{WEAK}›' ssh root@10.0.0.7",
    f"sshpass -p‹{SHORT}› ssh root@10.0.0.7",
    f"redis-cli -h cache -a ‹{SHORT}› INFO",
    f"mongosh -u root -p ‹{SHORT}› acme",
    f"ldapsearch -x -D cn=admin -w ‹{SHORT}› -b dc=acme",
    f"kubectl create secret generic db --from-literal=password=‹{WEAK}›",
    f"kubectl create secret generic db --from-literal=dsn='‹{WEAK}›'",
    f"vault kv put secret/db user=acme value=‹{SHORT}›",
    f"vault operator unseal ‹{drawn(44)}›",
    f"Unseal Key 1: ‹{drawn(44)}›",
    f"echo '‹{WEAK}›' | docker login -u ci --password-stdin reg",
    f"echo ‹{WEAK}› | sudo -S systemctl restart nginx",
    f"echo 'acme:‹{WEAK}›' | chpasswd",
    f"ALTER USER acme WITH PASSWORD '‹{WEAK}›';",
    f"CREATE USER 'acme'@'%' IDENTIFIED BY '‹{WEAK}›';",
    f"requirepass ‹{SHORT}›",
    f"openssl pkcs12 -in x.p12 -passin pass:‹{SHORT}›",
    f"smbclient -U acme%‹{SHORT}› //srv/share",
    f"rabbitmqctl add_user acme ‹{SHORT}›",
    f"machine api.acme.test login kim password ‹{WEAK}›",
    f"db1:5432:acme:kim:‹{SHORT}›",
    f"htpasswd -b /etc/x kim ‹{SHORT}›",
    f"gh secret set DEPLOY --body ‹{MIXED}›",
    f"mc alias set acme https://s3.acme.test ACCESS ‹{MIXED}›",
    f"mysqladmin -u root password '‹{WEAK}›'",
    f"127.0.0.1:6379> AUTH ‹{SHORT}›",
    f"flyctl secrets set DSN=‹{MIXED}› STAGE=prod",
    f"aws ssm put-parameter --name /x/pw --value '‹{WEAK}›' --type SecureString",
    f"echo -n '‹{WEAK}›' | gcloud secrets versions add db --data-file=-",
    f"kubeadm join 10.0.0.1:6443 --token ‹{'abcde1.' + hexed(16)}›",
]  # fmt: skip


@pytest.mark.fault(75)
@pytest.mark.parametrize("marked", SECRETS)
def test_a_secret_is_masked_and_all_around_it_stays(marked: str) -> None:
    line = marked.replace("‹", "").replace("›", "")
    made = Redactor().text(line)
    around = [part.partition("›")[2] for part in marked.split("‹")[1:]]
    secrets = [part.partition("›")[0] for part in marked.split("‹")[1:]]
    for secret in secrets:
        assert secret not in made
        assert not any(secret[at : at + 5] in made for at in range(len(secret) - 4))
    assert made.startswith(marked.partition("‹")[0])
    for part in around:
        assert part in made
    assert Redactor().text(made) == made


CLEAN = [
    f"gh workflow run rollback.yml -f sha={hexed(7)}",
    f"commit {hexed(40)}",
    f"{hexed(7)} fix: rotate secret before expiry (#8202)",
    f"kubectl set image deploy/acme app=reg.acme.test/search@sha256:{hexed(64)}",
    f"incident {UUID} opened",
    f"trace_id={hexed(32)} span_id={hexed(16)} msg=timeout",
    "kubectl logs checkout-pdr8tqp2rn-sfcm9 -n prod --tail=50",
    f"echo {b64('ingress-nginx-controller')} | base64 -d",
    "arn:aws:ecs:us-east-1:158116481316:task-definition/payments:821",
    f'ETag: "{hexed(32)}"',
    "rate limiter: token bucket refill=262/s burst=82",
    "password reset requests per second: 94.4",
    "secret rotation job finished in 83s",
    "mysql -u root -p\"$MYSQL_PASSWORD\" -e 'select 1'",
    "mysql -u root -p < dump.sql",
    "mysql -h db1 -u root -p -e 'select 1'",
    "password: <redacted>",
    "password: ****",
    "password: see vault",
    "ca: LS0tLS1CRUdJTi" + "x",
    f"ca: {b64('-----BEGIN ' + 'CERTIFICATE-----' + drawn(40))}",
    "password: 3600s",
    "password: at least 8 characters",
    "password: ssh-or-vault",
    "token: staging2",
    "token: getAccessToken",
    "token: parseHTTPHeader",
    "password: true|false",
    "token = token[:-1]",
    'print(f"password={password!r}")',
    'creds = " --user=%s --password=%s" % (user, password)',
    "fix the password for node (Kim) [#39310](https://github.com/acme/x/pull/39310)",
    "passphrase: &lt;string&gt;",
    "alert_routing_key: perfandspreandinfra",
    "password: see the vault, path kv/db",
    "PASSWORD=changeme",
    "token=true",
    "token: null",
    "TOKEN=$(vault read -field=token auth/x)",
    'TOKEN="${GITHUB_TOKEN}"',
    "export VAULT_TOKEN=`cat ~/.vault-token`",
    "password = var.db_password",
    'token = "{{ .Values.token }}"',
    'secret: "%{hiera(\'x\')}"',
    "Authorization: Bearer $TOKEN",
    "Authorization: Bearer <token>",
    "Authorization: Bearer {{ token }}",
    "Authorization: Bearer YOUR_TOKEN_HERE",
    "grep -c 'Bearer ' /var/log/nginx/access.log",
    "error: You must be logged in to the server (Unauthorized): invalid bearer token",
    "aws ecr get-login-password | docker login --username AWS --password-stdin reg.acme.test",
    "cat /var/run/secrets/kubernetes.io/serviceaccount/token | wc -c",
    "secretKeyRef:\n  name: db\n  key: password",
    "secretName: checkout-tls-2026",
    "secret: checkout-db-credentials",
    "tokenFile: /run/secrets/token",
    "password_file=/etc/db.pw",
    "bearer_token_file: /var/run/secrets/token",
    "max_tokens=4096",
    "token_ttl=3600s",
    "nextToken: " + drawn(40),
    "api_key_id=3997 owner=auth",
    "password_min_length: 12",
    'test -n "$AWS_SECRET_ACCESS_KEY" && echo set',
    "at com.acme.PaymentTokenizationServiceImpl$RetryingAuthenticatorInterceptor.intercept(PaymentService.java:356)",
    f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{drawn(43)} oncall@laptop",
    f"ED25519 key fingerprint is SHA256:{drawn(43)}.",
    f'"integrity": "sha512-{drawn(86)}=="',
    f'Go build ID: "{drawn(20)}/{drawn(20)}/{drawn(20)}"',
    "docker run -u 1000:1000 -p 8080:80 nginx",
    "docker run -p 3306:3306 mysql:8",
    "mkdir -p /var/lib/mysql && find /var/lib/mysql -print",
    "psql -h db1 -p 5432 -U acme",
    "ssh -p 2222 kim@10.0.0.7",
    "curl -u $USER:$PASS https://es.acme.test",
    "curl -u user:password https://es.acme.test",
    "postgres://user:password@localhost/db",
    "postgres://$USER:$PASSWORD@db1/acme",
    "postgres://<user>:<password>@db1/acme",
    "http://10.0.0.1:9090/graph?g0.expr=up@1m",
    "see https://acme.test:8443/x and mail ops@acme.test",
    "ops@acme.test: token expired",
    "X-Amz-Credential=ASIA/20260502/eu-west-1/s3/aws4_request",
    "key: value",
    "primary_key=4711",
    "cache key: checkout:cart:4711",
    "KEY=/etc/ssl/private/x.key",
    "ssh_key: ~/.ssh/id_ed25519",
    "api_key: op://vault/item/field",
    "if password == expected_password:",
    "token := getToken(ctx)",
    "password = os.environ['DB_PASSWORD']",
    "set the token, then retry",
    f"x-request-id: {UUID}",
    "Cookie: theme=dark; lang=en",
    "sid=4711",
    "-----BEGIN " + "CERTIFICATE-----",
    "look for `-----BEGIN " + "PRIVATE KEY-----` in the file",
    f"sha256sum: {hexed(64)}",
    f"--discovery-token-ca-cert-hash sha256:{hexed(64)}",
    "aws_access_key_id = " + "AKIAIOSFODNN7" + "EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "curl -H 'X-Api-Key: YOUR_API_KEY'",
    "sum(rate(http_requests_total{job=\"payments\",status=~\"5..\"}[5m]))",
    "Pass: 12, Fail: 0",
    "passed=112 failed=0",
    "author: kim",
    "session opened for user root by (uid=0)",
    "signature=v4 region=eu",
    "credentials: static",
    "the password is required",
    "the password was rotated",
    "login kim password prompt",
    "1password: it should have been added during deployment creation",
]  # fmt: skip


@pytest.mark.fault(78)
@pytest.mark.parametrize("line", CLEAN)
def test_what_only_resembles_a_secret_is_left_alone(line: str) -> None:
    assert Redactor().masked(line) == (line, 0)
