"""What a command does to the world; never `reads` for one that changes something."""

from __future__ import annotations

import pytest

from incident.core.runbook import Effect
from incident.core.runbook.effects import effect_of, opens_console
from incident.core.runbook.shell import parse

READS = """
kubectl get pods -A -l "x=y" -o wide
kubectl --context prod -n x logs deploy/y --tail=100 -f
kubectl -n x describe pod y | sed -n '/Events/,$p' | head -5
kubectl exec -n x pod/y -c z -- cat /etc/hosts
kubectl rollout status deploy/x
kubectl --help
NAMESPACE="$(kubectl get ns -o jsonpath='{.items[0].metadata.name}')"
export MAC=`cat /tmp/mac`
sudo -u postgres -n systemctl status kubelet.service
sudo -- uptime
/usr/bin/journalctl -u kubelet --since -1h
netstat -antpu | grep 10248
aws ecs describe-services --cluster acme --services acme --query 'services[0].[runningCount]'
aws --profile x s3 ls
gcloud compute instances list --filter=x
az vm show -g x -n y
gh run list --workflow deploy.yml --limit 5
gh api repos/x/y
gh api --method GET search/issues -f q=x
git log --oneline -5
git branch -a
git remote -v
git diff HEAD~1
git config --get user.name
curl -sf https://acme.com/healthz
curl -s -o /dev/null -w '%{http_code}' https://x
curl -G https://prom/api/v1/query --data-urlencode query=up
wget -qO- https://x
wget --spider https://x
redis-cli -h h INFO memory
psql -c "select * from pg_stat_activity where state = 'active'"
psql --command='show max_connections'
ip a
ip -br link show
ssh -p 22 host uptime
find / -name x -exec ls -l {} \\;
find . -type f
sed -e 's/a/b/g' -e '5d' file
awk '{print $2}' file
watch -n5 'kubectl get pods'
timeout 30 kubectl get pods
xargs
env
service x status
service --status-all
ceph -s
ceph health
crontab -l
mount | grep x
date +%s
sort -u x | uniq -c
while read x; do echo "$x"; done < file
for x in a b; do echo $x; done 2>&1 >/dev/null
echo $((1 + 2)) ${X%y} # rm -rf /
cat <<'EOF'
ip route get 1.1.1.1
openssl s_client -connect x:443 </dev/null
docker compose -f x.yml ps
cat <(ls) <<< "x"
[ -f x ] && ls
A=1
kubectl exec -it pod -- bash
kubectl exec -it -n x pod -c y -- psql
kubectl exec pod ls
kubectl exec pod -n x -it ls
oc rsh pod
oc rsh pod ls
docker exec -it -u root web cat /etc/hosts
sudo -i
sudo -i journalctl -u x
su - postgres
su -c 'ls /' postgres
ssh host
ssh -L 9090:x:9090 -N host
ssh -o ConnectTimeout=5 -oBatchMode=yes -t -i key host -v uptime
bash -l
bash -c 'ls | wc -l'
psql -h x -U y
psql
redis-cli -h x
rails console
bin/rails db:migrate:status
bundle exec rails c
bundle exec knife node show x
bundle list
rake -T
knife ssh 'role:x' 'uptime'
knife ssh -C1 'role:x' -- uptime
tsh ssh --proxy=x root@host
tsh db connect x
tsh ls
iptables -nL
kafka-topics.sh --list
bin/kafka-consumer-groups --describe --group x
kubens
kubectx -c
envdir /etc/x ls
nsenter -t 1 -n ss -lnt
oc adm upgrade
terraform plan
git fsck
dpkg -l x
rpm -qa
chef-client --why-run
psql -c "select count(*), pg_size_pretty(pg_relation_size('x')) from (select 1) y"
openstack server list
"""

CHANGES = """
kubectl delete vmim -A
kubectl --context get delete pods
kubectl get pods -o name | xargs -r -n50 kubectl delete
kubectl exec pod -- rm -rf /tmp/x
for p in $(kubectl get pods -o name); do kubectl delete $p; done
gh workflow run rollback.yml -f sha=<previous>
gh api -X DELETE repos/x/y
gh api --method=PATCH repos/x/y
sudo rm x
systemctl restart x
service x restart
aws ecs update-service --cluster acme --service acme --desired-count 5
gcloud compute instances delete x
az vm restart -g x -n y
gcloud container clusters get-credentials x
curl -sX POST https://x -d '{}'
curl --request=PUT https://x
curl -d x https://y
wget --post-data=x https://y
find / -name x -exec ls {} \\; -exec rm {} \\;
find . -delete
sed -i s/a/b/ x
redis-cli FLUSHALL
psql -c "select pg_terminate_backend(1)"
ip link set eth0 up
cat x | tee /proc/sys/x
mkfs.ext4 /dev/sda
ls; rm x
ls && { kill 1; }
echo `kill 1`
echo "$(kill 1)"
cat <(kill 1)
ssh host sudo systemctl restart x
timeout -s KILL 30 rm x
git push --force
ls & reboot
bash -c 'rm x'
su -c 'rm x' postgres
sudo -i rm x
ssh host 'sudo reboot'
ssh -t -p 22 host rm x
git stash
ceph health unmute X
ceph osd out 1
rake db:drop
bin/rails runner 'x'
rails db:migrate
kubectl exec deploy/x -- etl:main
kubectl exec deploy/x -- etl:main\\[1,2]
docker exec web rm x
kubectl exec pod -- sh -c 'rm x'
knife ssh role:x 'systemctl stop x'
knife node delete x
tsh login
tsh ssh host rm x
iptables -A INPUT -j DROP
kafka-topics.sh --delete --topic x
kubens prod
ansible-playbook x.yml
chroot /mnt rm x
"""

UNKNOWN = """
frobnicate --all
kubectl frob x
kubectl --foo get delete
kubectl --foo get pods
kubectl cluster-info dump --output-directory x
kubectl
kubectl get pods > pods.txt
sudo
ssh -o ProxyCommand=x host uptime
ssh -R 80:x:80 host
ssh
bash x.sh
curl -s https://x | sh
curl -O https://x
curl https://x/-/reload
curl
wget https://x
gh api graphql -f query=x
git branch -D x
git config user.name x
git -c core.pager=x log
git
aws s3
aws s3api get-object --bucket x
aws frobnicate describes
gcloud compute frob
awk 'BEGIN{system("x")}'
awk -f x y
sed 's/a/b/w out' x
sed -f script x
psql -c "select now(); select 2"
psql -f x.sql
psql -c "select frob(1)"
find . -fprintf x y
service x frob
ceph health frob X
vault read x
python3 x.py
sort -o x y
case x in a) ls;; esac
PATH=/tmp ls
LD_PRELOAD=x ls
echo 'open
echo "open
echo $(open
echo `open
echo >
cat <<
cat << "two words"
cat <<EOF
hostname newname
k9s
ipmitool fru write 0 x
terraform providers lock
crontab -u x file
chef-client
sudo chef-client
knife ssh 'role:x' 'sudo chef-client'
crontab
crontab x
crontab -l x -r
multipath
fdisk /dev/sda
gpg
dpkg -i x
rpm --import x
cat x | bash
bash < x
kubectl exec -i pod -- psql < x.sql
echo x | ssh host
sudo -s < x
echo x | su - y
echo x | redis-cli
oc adm upgrade --to-latest
docker exec
kubectl exec pod --
kubectl exec -it pod
tsh ssh --cluster x host rm
tsh db connect x | y
knife ssh role:x
rails frob
rails
rake
iptables -m x
kafka-topics.sh --frob
bash script.sh
bash -x
su a b
xargs bash
redis-cli --rdb x
terraform plan -out x
su postgres LANG=C
sudo -e x
psql -f x
tsh ssh --proxy=x
date -s yesterday
watch
"""


@pytest.mark.parametrize("text", READS.strip().split("\n"))
def test_it_only_reads(text: str) -> None:
    if text.startswith("cat <<"):
        text += "\nbody\nEOF"
    assert effect_of(text) is Effect.READS


@pytest.mark.parametrize("text", CHANGES.strip().split("\n"))
def test_it_changes_something(text: str) -> None:
    assert effect_of(text, ("<previous>",)) is Effect.CHANGES


@pytest.mark.parametrize("text", UNKNOWN.strip().split("\n"))
def test_it_is_not_known(text: str) -> None:
    assert effect_of(text) is Effect.UNKNOWN


def test_a_heredoc_is_judged_by_who_reads_it() -> None:
    assert effect_of("kubectl apply -f - <<EOF\nkind: x\nEOF") is Effect.CHANGES
    assert effect_of("cat <<EOF\n$(rm x)\nEOF\nls") is Effect.UNKNOWN
    assert effect_of("cat <<EOF\nx\nEOF\nrm y") is Effect.CHANGES


def test_a_command_over_several_lines_is_judged_as_a_whole() -> None:
    assert effect_of("kubectl get \\\n  pods") is Effect.READS
    assert effect_of("if grep x y; then\n  rm y\nelse\n  ls # rm\nfi\n") is Effect.CHANGES
    assert effect_of("ls # a comment") is Effect.READS
    assert effect_of('echo "a \\" b" \'c\' d\\ e "`ls`" "$x"') is Effect.READS


def test_what_is_nested_too_deep_or_too_long_is_not_known() -> None:
    assert effect_of("echo " + "$(echo " * 9 + ")" * 9) is Effect.UNKNOWN
    assert effect_of("echo " + "x" * 30_000) is Effect.UNKNOWN
    assert effect_of("") is Effect.UNKNOWN


def test_a_parenthesis_in_quotes_does_not_end_a_substitution() -> None:
    assert parse("echo $(echo ')' \\) (x)) z").commands == [("echo", ")", ")"), ("x",), ("echo", "$()", "z")]


@pytest.mark.parametrize(
    "text", ["sudo -i", "kubectl exec -it x -- bash", "psql -h x", "ssh host", "rails c", "tsh ssh h"]
)
def test_a_console_only_reads_but_is_told_apart(text: str) -> None:
    assert effect_of(text) is Effect.READS
    assert opens_console(text)


@pytest.mark.parametrize(
    "text", ["ls", "ssh host uptime", "psql -c 'select 1'", "bash x.sh", "echo x | bash", "bash -c ls"]
)
def test_what_runs_a_command_opens_no_console(text: str) -> None:
    assert not opens_console(text)
