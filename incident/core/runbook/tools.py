"""What well-known programs do to the world, as data. What is not listed here is not known, and treated as a change."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Programs that only read, whatever their arguments.
READERS = frozenset(
    """
    [ [[ basename cal cat cmp comm cut df diff dig dirname du echo egrep expr false fgrep fold free getent grep
    groups head host id iostat jq last lastlog less lsattr lsblk lscpu lsmod lsof lspci ls md5sum more mpstat
    mtr netstat nl nproc nslookup numfmt od paste pgrep pidof pidstat ping ping6 pg_isready printenv printf ps pstree
    pwd readlink realpath rev sar seq sha1sum sha256sum shasum sleep stat strings tac tail test tr tracepath
    traceroute true tty uname uptime vmstat w wc whereis which who whoami zcat zgrep zless
    cd pushd popd export unset type ulimit umask read wait set shopt local declare readonly return exit
    done fi else then do esac } break continue : for column join blkid findmnt ipcs nvidia-smi numastat rpcinfo
    logcli stern kubetail
    """.split()  # noqa: SIM905 - a hundred words read better without a hundred pairs of quotes
)

# Programs that only read unless an argument matches; then their effect is unknown.
READERS_UNLESS = {
    tool: re.compile(pattern)
    for tool, pattern in {
        "sort": r"-\w*o|--output|--compress-program",
        "date": r"-u?s\Z|--set|[0-9]{8}",
        "uniq": r"[^-]",
        "rg": r"--pre",
        "tree": r"-o",
        "hostname": r"[^-]|-F|--file|-b",
        "dmesg": r"-[a-zA-Z]*[cCDEn]|--(read-)?clear|--console",
        "journalctl": r"--(vacuum|cursor-file|rotate|flush|sync|relinquish|smart|setup-keys|update-catalog)",
        "ss": r"-\w*K|--kill",
        "top": r"-\w*k",
        "htop": r"-\w*k",
        "yq": r"-\w*i|--inplace|-s",
        "base64": r"-\w*o",
        "mount": r"[^-]|-[abBfoOrRtw]",
        "sysctl": r"-\w*[wp]|--(write|load|system)|.*=",
        "crontab": r"(?!-l$)",
        "rpm": r"(?!-q)(?!-V)(?!--(query|verify))-|--(import|rebuilddb|initdb)",
        "dpkg": r"(?!-[lsLS]$)(?!--(list|status|listfiles|search)$)-",
        "apt-cache": r"gencaches|add",
        "arp": r"-\w*[sdf]",
        "route": r"add|del|flush",
        "tcpdump": r"-\w*[wzZ]",
        "nc": r"-\w*[lec]|--(exec|sh-exec|listen)",
        "ethtool": r"-\w*[sKGACLNXEfrtp]\b|--(set|change|flash|negotiate|reset)",
        "smartctl": r"-\w*[sotX]|--(smart|offlineauto|saveauto|test|abort|set)",
        "ntpq": r"-\w*c",
    }.items()
}

# Programs that change something, whatever their arguments.
CHANGERS = frozenset(
    """
    rm rmdir mv cp ln mkdir touch truncate chmod chown chgrp chattr dd shred kill pkill killall xkill reboot shutdown
    halt poweroff init telinit mkfs mkswap swapon swapoff umount fsck parted fdisk lvextend lvcreate lvremove vgextend
    resize2fs xfs_growfs useradd userdel usermod groupadd passwd chpasswd visudo rsync scp sftp install unlink
    apt-get yum dnf zypper apk snap pacman brew pip pip3 pipx npm yarn gem cargo modprobe rmmod insmod nmcli
    supervisorctl-restart renice ionice taskset setfacl tar unzip gzip gunzip patch vi vim nano emacs crm pcs
    capistrano cap pg_ctl pg_resetwal pg_restore createdb dropdb createuser dropuser initdb mongorestore
    """.split()  # noqa: SIM905
)

# Programs that run the rest of their line: the flags that take a value, so that the inner command is found.
WRAPPERS = {
    "sudo": "-u -g -h -p -U -C -r -t -D -R -T --user --group --host --prompt",
    "doas": "-u -C",
    "time": "-f -o",
    "nice": "-n",
    "nohup": "",
    "command": "",
    "builtin": "",
    "watch": "-n --interval",
    "timeout": "-s --signal -k --kill-after",
    "env": "-u --unset -C --chdir",
    "stdbuf": "-i -o -e",
    "xargs": "-n -P -I -L -d -s -E -a --max-args --max-procs --replace --delimiter --arg-file --max-lines",
    "setsid": "",
    "chroot": "",
    "unbuffer": "",
    "if": "",
    "elif": "",
    "while": "",
    "until": "",
    "then": "",
    "else": "",
    "do": "",
    "!": "",
    "{": "",
}
# Wrappers whose first word is not yet the command: `timeout 30 command`, `chroot /mnt command`.
SKIPS_A_WORD = frozenset({"timeout", "chroot"})

# Known as shell programs though nothing can be said about what they do.
OTHERS = frozenset(
    """
    awk gawk sed find tee xargs curl wget ssh sh bash zsh python python3 perl ruby node make ansible ansible-playbook
    ansible-console psql mysql mysqldump mysqladmin mongo mongosh sqlite3 redis-cli cqlsh clickhouse-client influx
    iptables ip6tables nft ip tc bridge ufw firewall-cmd service systemctl apt dpkg-reconfigure update-rc.d chkconfig
    telnet ftp socat strace ltrace gdb perf nsenter unshare ctr k9s knife chef-client puppet salt salt-call packer
    vagrant pulumi cdk sam serverless eb ecs-cli fly flyctl heroku cf doctl linode-cli hcloud openstack nova neutron
    glance cinder swift rclone restic borg pg_dump pg_dumpall pg_basebackup patronictl repmgr pgbouncer gitlab-ctl
    gitlab-rails gitlab-rake gitlab-psql gitlab-redis-cli bundle rails rake bin/rails php composer java mvn gradle go
    screen tmux eval exec source . function case crictl tsh tctl kinit klist ldapsearch snmpwalk snmpget ipmitool
    racadm megacli storcli mdadm zpool zfs btrfs nodetool solr elasticsearch-plugin filebeat logstash consul-template
    sensu sensuctl pagerduty pd eksctl kops kubeadm kustomize skaffold tilt kind minikube k3s rke rancher oc-adm
    cmctl step certbot acme.sh openvpn wg wg-quick tailscale nmap iperf iperf3 ab hey wrk vegeta siege dropdb k kc
    sysbench fio hdparm sgdisk partprobe multipath multipathd iscsiadm nfsstat exportfs showmount smbclient rados rbd
    radosgw-admin ceph-volume cephadm gluster drbdadm odf cockroach vitess vtctl vtctlclient kafkacat kcat pulsar-admin
    nats mc s3cmd azcopy bq sqlcmd snow jira slack jsonnet jb mixtool mimirtool cortextool lokitool tempo-cli amtool
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Verbs:
    """A program whose effect hangs on its sub-command, of one to three words. Flags listed take a value.

    `=health` reads only when no word follows.
    """

    reads: frozenset[str]
    changes: frozenset[str]
    flags: frozenset[str]
    never: re.Pattern[str] | None = None  # an argument with which even a reading sub-command is not taken for one


def _verbs(reads: str, changes: str, flags: str = "", never: str = "") -> Verbs:
    def split(text: str) -> frozenset[str]:
        return frozenset(" ".join(part.split()) for part in text.split(",") if part.strip())

    return Verbs(split(reads), split(changes), frozenset(flags.split()), re.compile(never) if never else None)


_KUBECTL = _verbs(
    "get, describe, logs, log, top, explain, version, api-resources, api-versions, cluster-info, diff, wait, events,"
    "auth can-i, auth whoami, config view, config get-contexts, config current-context, config get-clusters,"
    "rollout status, rollout history, whoami, status, projects, adm top, adm node-logs, options, help, completion,"
    "argo rollouts get, argo rollouts status, cnpg status, hns tree",
    "apply, create, delete, edit, patch, replace, scale, autoscale, set, label, annotate, taint, drain, cordon,"
    "uncordon,"
    "expose, run, cp, rollout restart, rollout undo, rollout pause, rollout resume, debug, login, certificate approve,"
    "certificate deny, new-app, start-build, adm drain, adm cordon, adm uncordon, adm policy, adm prune, tag,"
    "import-image,"
    "config use-context, config set-context, config set, config unset, config delete-context, evict, auth reconcile",
    "-n --namespace --context --cluster --kubeconfig --user --as --as-group -s --server --token --request-timeout -l"
    " --selector -o --output -c --container -f --filename --field-selector --sort-by --tail --since --token"
    " --cache-dir --certificate-authority --client-key --client-certificate -v --v",
    r"--output-directory|--edit-last|--use-protocol-buffers",
)

VERBS: dict[str, Verbs] = {
    "kubectl": _KUBECTL,
    "oc": _KUBECTL,
    "k": _KUBECTL,
    "kubecolor": _KUBECTL,
    "helm": _verbs(
        "list, ls, status, get, history, show, search, version, env, template, lint, diff, inspect",
        "install, upgrade, rollback, uninstall, delete, repo add, repo update, repo remove, test, push, registry login",
        "-n --namespace --kube-context --kubeconfig",
        r"--output-dir|--post-renderer",
    ),
    "gh": _verbs(
        "run list, run view, run watch, workflow list, workflow view, pr list, pr view, pr status, pr diff, pr checks,"
        "issue list, issue view, issue status, release list, release view, repo view, repo list, auth status, status,"
        "search, cache list, secret list, variable list, label list, ruleset list, ruleset view",
        "workflow run, workflow enable, workflow disable, run rerun, run cancel, run delete, pr merge, pr create,"
        "pr close, pr edit, pr review, pr comment, issue create, issue close, issue edit, issue comment,"
        "release create, release delete, release edit, release upload, repo delete, repo create, secret set,"
        "secret delete,"
        "variable set, variable delete, auth login, cache delete",
        "-R --repo --hostname",
        r"-w$|--web",
    ),
    "git": _verbs(
        "status, log, show, rev-parse, describe, blame, ls-files, ls-remote, ls-tree, grep, shortlog, cat-file,"
        "rev-list,"
        "merge-base, name-rev, whatchanged, version, stash list, remote -v, remote show, diff-tree, cherry",
        "push, commit, revert, reset, checkout, switch, restore, merge, rebase, cherry-pick, pull, clone, add, rm,"
        "mv, tag,"
        "clean, init, am, apply, gc, prune, stash pop, stash drop, stash push, stash apply, submodule update, fetch",
        "-C -c --git-dir --work-tree",
        r"--output|--upload-pack|--exec|--ext-diff|--textconv|-O",
    ),
    "docker": _verbs(
        "ps, images, logs, inspect, stats, top, version, info, events, port, diff, history, search, system df,"
        "system info,"
        "container ls, container list, container ps, container logs, container inspect, container stats, container top,"
        "image ls, image list, image inspect, image history, volume ls, volume inspect, network ls, network inspect,"
        "compose ps, compose logs, compose config, compose images, compose top, compose ls, context ls, context show,"
        "service ls, service ps, service logs, service inspect, node ls, node ps, node inspect, stack ls, stack ps,"
        "stack services, manifest inspect",
        "run, start, stop, restart, kill, rm, rmi, pull, push, build, pause, unpause, update, cp, commit, tag, load,"
        "login,"
        "system prune, image prune, container prune, volume prune, volume rm, network rm, compose up, compose down,"
        "compose restart, compose stop, compose start, compose rm, service update, service scale, service rm,"
        "stack deploy,"
        "stack rm, node update, swarm leave, swarm init, container rm, container restart, container stop, image rm",
        "-H --host -c --context --config -l --log-level -f --file -p --project-name",
    ),
    "systemctl": _verbs(
        "status, is-active, is-enabled, is-failed, list-units, list-unit-files, list-timers, list-sockets,"
        "list-jobs, show,"
        "cat, list-dependencies, is-system-running, get-default, help",
        "start, stop, restart, reload, try-restart, reload-or-restart, enable, disable, mask, unmask, kill,"
        "daemon-reload,"
        "daemon-reexec, reset-failed, isolate, reboot, poweroff, halt, edit, set-property, set-default, suspend,"
        "revert",
        "-H --host -M --machine -t --type -p --property --state -n --lines -o --output",
    ),
    "terraform": _verbs(
        "show, output, validate, version, graph, state list, state show, workspace list, workspace show",
        "apply, destroy, import, taint, untaint, refresh, init, state rm, state mv, state push, force-unlock, fmt,"
        "workspace new, workspace select, workspace delete",
    ),
    "redis-cli": _verbs(
        "info, ping, get, mget, keys, scan, ttl, pttl, type, exists, strlen, dbsize, llen, lrange, lindex, hget,"
        "hgetall,"
        "hlen, hkeys, scard, smembers, sismember, zcard, zrange, zscore, slowlog get, slowlog len, client list,"
        "client info,"
        "client getname, config get, cluster info, cluster nodes, cluster slots, memory usage, memory stats,"
        "memory doctor, latency latest, latency doctor, role, time, lastsave, command, object encoding, xlen, xinfo,"
        "sentinel masters, sentinel master, sentinel replicas, sentinel slaves, sentinel get-master-addr-by-name,"
        "pubsub channels, pubsub numsub, monitor",
        "set, del, unlink, flushall, flushdb, expire, rename, config set, config rewrite, shutdown, client kill,"
        "bgsave,"
        "save, bgrewriteaof, cluster failover, cluster reset, sentinel failover, replicaof, slaveof, debug,"
        "script flush,"
        "lpush, rpush, lpop, rpop, hset, hdel, sadd, srem, zadd, zrem, incr, decr, persist, memory purge,"
        "slowlog reset,"
        "ltrim, failover",
        "-h -p -a -n -u --user --pass -s --cacert --cert --key -r -i",
        r"--eval|--pipe|--cluster",
    ),
    "etcdctl": _verbs(
        "get, member list, endpoint status, endpoint health, endpoint hashkv, alarm list, version, watch,"
        "auth status, user list, user get, role list, role get",
        "put, del, defrag, compact, compaction, alarm disarm, member add, member remove, member update,"
        "snapshot restore,"
        "move-leader, snapshot save, txn, lease revoke",
        "--endpoints --cacert --cert --key --user --password --command-timeout --dial-timeout -w --write-out",
    ),
    "vault": _verbs(
        "status, list, kv get, kv list, kv metadata get, token lookup, secrets list, auth list, policy list,"
        "policy read, operator raft list-peers, operator members, version, audit list",
        "write, delete, kv put, kv delete, kv destroy, kv patch, login, token revoke, token create, lease revoke,"
        "secrets enable,"
        "secrets disable, operator seal, operator unseal, operator step-down, operator rekey, auth enable,"
        "auth disable",
        "-address -namespace",
    ),
    "consul": _verbs(
        "members, info, kv get, catalog, operator raft list-peers, version, monitor, rtt, intention list",
        "kv put, kv delete, leave, force-leave, join, reload, maint, lock, exec, operator raft remove-peer, restore",
        "-http-addr -token -datacenter",
    ),
    "nomad": _verbs(
        "status, node status, job status, job history, job inspect, alloc status, alloc logs, server members, version,"
        "deployment status, deployment list, operator raft list-peers, job plan, eval status, eval list",
        "run, stop, job run, job stop, job restart, job revert, node drain, alloc restart, alloc stop, system gc,"
        "job dispatch, deployment promote, deployment fail, node eligibility, job scale",
        "-address -namespace -region -token",
    ),
    "argocd": _verbs(
        "app get, app list, app diff, app history, app logs, app resources, app manifests, version, cluster list,"
        "repo list,"
        "proj list, proj get",
        "app sync, app rollback, app delete, app set, app create, app patch, app terminate-op, login, app unset",
        "--server --auth-token",
        r"--(hard-)?refresh",
    ),
    "flux": _verbs(
        "get, logs, events, stats, trace, tree, version, check, export, diff",
        "reconcile, suspend, resume, delete, create, install, uninstall, bootstrap",
        "-n --namespace --context --kubeconfig",
    ),
    "istioctl": _verbs(
        "proxy-status, ps, proxy-config, pc, analyze, version, validate, x describe",
        "install, upgrade, uninstall, kube-inject, tag set, tag remove",
        "-n --namespace --context -i",
        r"--level|--reset|-r\Z",
    ),
    "velero": _verbs(
        "get, version, backup get, backup describe, backup logs, restore get, restore describe, restore logs,"
        "schedule get,"
        "schedule describe, backup-location get",
        "backup create, backup delete, restore create, restore delete, schedule create, schedule delete, install",
        "-n --namespace",
    ),
    "cilium": _verbs("status, version, config view, bgp peers, encrypt status", "install, upgrade, uninstall", "-n"),
    "virtctl": _verbs("version, guestosinfo, userlist, fslist", "start, stop, restart, migrate, pause, unpause,"
    "addvolume"),
    "ceph": _verbs(
        "status, -s, =health, health detail, df, versions, version, osd tree, osd df, osd status, osd stat,"
        "osd perf, osd ls, osd dump,"
        "osd pool ls, osd pool stats, osd pool get, osd blocked-by, pg stat, pg dump, pg ls, pg query, mon stat,"
        "mon dump,"
        "mds stat, fs status, fs ls, fs dump, mgr stat, mgr services, quorum_status, crash ls, crash info, log last,"
        "time-sync-status,"
        "orch ps, orch ls, orch status, orch host ls, orch device ls, auth ls, config dump, config get,"
        "balancer status",
        "osd out, osd in, osd down, osd set, osd unset, osd reweight, osd crush, osd rm, osd purge, osd destroy,"
        "pg repair,"
        "pg deep-scrub, pg scrub, config set, fs fail, mds fail, mgr fail, crash archive, crash archive-all,"
        "osd pool set,"
        "osd pool delete, osd pool create, orch restart, orch daemon, auth del, health mute, tell",
        "-n --name -c --conf --id --cluster -f --format",
    ),
    "odf": _verbs("cephfs-snap ls, get", "cephfs-snap delete, subvolume delete, set, purge-osd, restore, operator"),
    "rabbitmqctl": _verbs(
        "status, cluster_status, list_queues, list_exchanges, list_bindings, list_connections, list_channels,"
        "list_consumers,"
        "list_users, list_vhosts, list_permissions, list_policies, list_parameters, report, environment, ping,"
        "node_health_check,"
        "list_unresponsive_queues, version",
        "stop, start_app, stop_app, reset, force_reset, forget_cluster_node, join_cluster, purge_queue, delete_queue,"
        "close_connection, close_all_connections, set_policy, clear_policy, add_user, delete_user, sync_queue,"
        "rotate_logs,"
        "set_vm_memory_high_watermark, eval, force_boot",
        "-n --node -p --vhost -t --timeout -q",
    ),
    "supervisorctl": _verbs("status, tail, pid, avail, version", "start, stop, restart, reload, reread, update,"
    "signal"),
    "amtool": _verbs(
        "alert query, silence query, config show, config routes, check-config, cluster show",
        "silence add, silence expire, silence update, silence import, alert add",
        "--alertmanager.url --timeout -o --output --config.file",
    ),
    "tsh": _verbs("status, ls, clusters, version, kube ls, db ls, apps ls", "login, logout, request create, scp"),
    "gsutil": _verbs(
        "ls, cat, du, stat, version, hash",
        "rm, mv, rsync, mb, rb, setmeta, lifecycle set, acl set, iam set",
        "-p",
    ),
    "crictl": _verbs(
        "ps, pods, images, logs, inspect, inspectp, inspecti, stats, statsp, info, version, imagefsinfo",
        "rm, rmp, rmi, stop, stopp, run, runp, start, pull, create, update",
        "-r --runtime-endpoint -i --image-endpoint -t --timeout -c --config",
    ),
    "nodetool": _verbs(
        "status, info, ring, tpstats, cfstats, tablestats, compactionstats, netstats, version, describecluster,"
        "gossipinfo,"
        "proxyhistograms, tablehistograms, getendpoints",
        "repair, cleanup, decommission, removenode, drain, compact, flush, scrub, assassinate, stop, rebuild, refresh",
        "-h --host -p --port -u -pw",
    ),
    "zpool": _verbs("status, list, iostat, history, get", "scrub, clear, replace, offline, online, destroy, import,"
    "export"),
    "zfs": _verbs("list, get", "destroy, rollback, snapshot, set, create, send, receive, mount, unmount"),
    "apt": _verbs("list, show, search, policy", "install, remove, purge, upgrade, update, autoremove, full-upgrade"),
    "patronictl": _verbs(
        "list, topology, history, show-config, version",
        "failover, switchover, restart, reinit, reload, pause, resume, edit-config, remove, flush",
        "-c --config-file -d --dcs-url",
    ),
    "eksctl": _verbs("get, info, version, utils describe-stacks", "create, delete, scale, upgrade, drain"),
    "openssl": _verbs(
        "s_client, x509, verify, version, ciphers, crl", "genrsa, req, ca", never=r"-out|-req|-signkey|-CA"
    ),
    "chronyc": _verbs("tracking, sources, sourcestats, activity", "makestep, burst, online, offline, add, delete"),
    "promtool": _verbs(
        "query instant, query range, query series, query labels, check config, check rules, check metrics,"
        "check healthy,"
        "check ready",
        "push metrics, tsdb create-blocks-from",
    ),
    "bundle": _verbs("list, show, info, version", "install, update"),
}  # fmt: skip
VERBS["podman"] = VERBS["nerdctl"] = VERBS["docker"]
VERBS["docker-compose"] = _verbs("ps, logs, config, images, top", "up, down, restart, stop, start, rm, pull", "-f -p")
VERBS["tofu"] = VERBS["terragrunt"] = VERBS["terraform"]
VERBS["valkey-cli"] = VERBS["redis-cli"]

# Words that are programs and English alike; outside a shell block they need more than a second word to be a command.
ENGLISH = frozenset(
    """
    apt at cap case cat column cut date declare diff do done echo else env exec exit export expr file find fold for free
    function go group groups head heat hey host id if init install ip join kill kind last less link local locate look
    make man mount more nice open paste patch perf ping popd print read return rev screen select service set sleep
    snap sort source split stat step strings swift tail tar tee test then time top touch tree true type uniq until
    unset update w wait watch wc which while who yes node ruby python java strings false salt chef-client borg pd mc
    nats snow sam flux consul nomad vault step . : [ [[ !  {
    """.split()  # noqa: SIM905
)

# Parts of the shell itself that other languages and plain output begin lines with, too.
BUILT_IN = frozenset(
    """
    set local declare readonly return exit read wait shopt type test [ [[ : . source eval exec function case true false
    import alias break continue hash
    """.split()  # noqa: SIM905
)

CLOUDS = frozenset({"aws", "gcloud", "az", "awslocal"})
KNOWN = READERS | READERS_UNLESS.keys() | CHANGERS | WRAPPERS.keys() | OTHERS | VERBS.keys() | CLOUDS
