"""Programs whose effect hangs on their sub-command, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass


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
    "port-forward, proxy, =adm upgrade, krew list, cnpg status, argo rollouts list, get, describe, logs, log, top, "
    "explain, version, api-resources, api-versions, cluster-info, diff, wait, events, auth can-i, auth whoami, "
    "config view, config get-contexts, config current-context, config get-clusters, rollout status, rollout history, "
    "whoami, status, projects, adm top, adm node-logs, options, help, completion, argo rollouts get, argo rollouts "
    "status, cnpg status, hns tree",
    "cnpg restart, cnpg reload, cnpg promote, cnpg destroy, cnpg backup, cnpg hibernate, cnpg fencing, cnpg "
    "maintenance, cnpg subscription, cnpg publication, krew install, krew uninstall, krew upgrade, argo rollouts "
    "promote, argo rollouts abort, argo rollouts retry, argo rollouts undo, argo rollouts restart, argo rollouts "
    "pause, argo rollouts set, adm upgrade channel, project, rollback, extract, adm taint, adm pod-network, apply, "
    "create, delete, edit, patch, replace, scale, autoscale, set, label, annotate, taint, drain, cordon, uncordon, "
    "expose, run, cp, rollout restart, rollout undo, rollout pause, rollout resume, debug, login, certificate "
    "approve, certificate deny, new-app, start-build, adm drain, adm cordon, adm uncordon, adm policy, adm prune, "
    "tag, import-image, config use-context, config set-context, config set, config unset, config delete-context, "
    "evict, auth reconcile",
    "-n --namespace --context --cluster --kubeconfig --user --as --as-group -s --server --token --request-timeout -l "
    "--selector -o --output -c --container -f --filename --field-selector --sort-by --tail --since --token "
    "--cache-dir --certificate-authority --client-key --client-certificate -v --v",
    r"--output-directory|--edit-last|--use-protocol-buffers|--address|--to\Z|--to[-=]|--clear|--allow-",
)

VERBS: dict[str, Verbs] = {
    "kubectl": _KUBECTL,
    "oc": _KUBECTL,
    "k": _KUBECTL,
    "kubecolor": _KUBECTL,
    "helm": _verbs(
        "dependency list, plugin list, repo list, list, ls, status, get, history, show, search, version, env, "
        "template, lint, diff, inspect",
        "dependency update, dependency build, plugin install, plugin update, pull, install, upgrade, rollback, "
        "uninstall, delete, repo add, repo update, repo remove, test, push, registry login",
        "-n --namespace --kube-context --kubeconfig",
        r"--output-dir|--post-renderer",
    ),
    "gh": _verbs(
        "run list, run view, run watch, workflow list, workflow view, pr list, pr view, pr status, pr diff, pr "
        "checks, issue list, issue view, issue status, release list, release view, repo view, repo list, auth "
        "status, status, search, cache list, secret list, variable list, label list, ruleset list, ruleset view",
        "workflow run, workflow enable, workflow disable, run rerun, run cancel, run delete, pr merge, pr create, pr "
        "close, pr edit, pr review, pr comment, issue create, issue close, issue edit, issue comment, release "
        "create, release delete, release edit, release upload, repo delete, repo create, secret set, secret delete, "
        "variable set, variable delete, auth login, cache delete",
        "-R --repo --hostname",
        r"-w$|--web",
    ),
    "git": _verbs(
        "show-ref, for-each-ref, count-objects, verify-pack, remote get-url, fsck, worktree list, check-ignore, "
        "status, log, show, rev-parse, describe, blame, ls-files, ls-remote, ls-tree, grep, shortlog, cat-file, "
        "rev-list, merge-base, name-rev, whatchanged, version, stash list, remote -v, remote show, diff-tree, cherry",
        "update-ref, remote set-url, remote add, remote remove, remote prune, remote rename, =stash, stash save, "
        "repack, pack-refs, worktree add, worktree remove, bisect, unpack-objects, filter-branch, push, commit, "
        "revert, reset, checkout, switch, restore, merge, rebase, cherry-pick, pull, clone, add, rm, mv, tag, clean, "
        "init, am, apply, gc, prune, stash pop, stash drop, stash push, stash apply, submodule update, fetch",
        "-C -c --git-dir --work-tree",
        r"--output|--upload-pack|--exec|--ext-diff|--textconv|-O",
    ),
    "docker": _verbs(
        "compose version, ps, images, logs, inspect, stats, top, version, info, events, port, diff, history, search, "
        "system df, system info, container ls, container list, container ps, container logs, container inspect, "
        "container stats, container top, image ls, image list, image inspect, image history, volume ls, volume "
        "inspect, network ls, network inspect, compose ps, compose logs, compose config, compose images, compose "
        "top, compose ls, context ls, context show, service ls, service ps, service logs, service inspect, node ls, "
        "node ps, node inspect, stack ls, stack ps, stack services, manifest inspect",
        "compose pull, compose build, compose run, compose exec, image pull, container start, container kill, volume "
        "create, network create, run, start, stop, restart, kill, rm, rmi, pull, push, build, pause, unpause, "
        "update, cp, commit, tag, load, login, system prune, image prune, container prune, volume prune, volume rm, "
        "network rm, compose up, compose down, compose restart, compose stop, compose start, compose rm, service "
        "update, service scale, service rm, stack deploy, stack rm, node update, swarm leave, swarm init, container "
        "rm, container restart, container stop, image rm",
        "-u --user -e --env -w --workdir -H --host -c --context --config -l --log-level -f --file -p --project-name",
    ),
    "systemctl": _verbs(
        "status, is-active, is-enabled, is-failed, list-units, list-unit-files, list-timers, list-sockets, "
        "list-jobs, show, cat, list-dependencies, is-system-running, get-default, help",
        "start, stop, restart, reload, try-restart, reload-or-restart, enable, disable, mask, unmask, kill, "
        "daemon-reload, daemon-reexec, reset-failed, isolate, reboot, poweroff, halt, edit, set-property, "
        "set-default, suspend, revert",
        "-H --host -M --machine -t --type -p --property --state -n --lines -o --output",
    ),
    "terraform": _verbs(
        "plan, =providers, show, output, validate, version, graph, state list, state show, workspace list, workspace "
        "show",
        "login, logout, apply, destroy, import, taint, untaint, refresh, init, state rm, state mv, state push, "
        "force-unlock, fmt, workspace new, workspace select, workspace delete",
        never=r"-out\b|-state-out|-destroy",
    ),
    "redis-cli": _verbs(
        "info, ping, get, mget, keys, scan, ttl, pttl, type, exists, strlen, dbsize, llen, lrange, lindex, hget, "
        "hgetall, hlen, hkeys, scard, smembers, sismember, zcard, zrange, zscore, slowlog get, slowlog len, client "
        "list, client info, client getname, config get, cluster info, cluster nodes, cluster slots, memory usage, "
        "memory stats, memory doctor, latency latest, latency doctor, role, time, lastsave, command, object "
        "encoding, xlen, xinfo, sentinel masters, sentinel master, sentinel replicas, sentinel slaves, sentinel "
        "get-master-addr-by-name, pubsub channels, pubsub numsub, monitor",
        "set, del, unlink, flushall, flushdb, expire, rename, config set, config rewrite, shutdown, client kill, "
        "bgsave, save, bgrewriteaof, cluster failover, cluster reset, sentinel failover, replicaof, slaveof, debug, "
        "script flush, lpush, rpush, lpop, rpop, hset, hdel, sadd, srem, zadd, zrem, incr, decr, persist, memory "
        "purge, slowlog reset, ltrim, failover",
        "-h -p -a -n -u --user --pass -s --cacert --cert --key -r -i",
        r"--eval|--pipe|--cluster|--rdb|--functions|-x\Z",
    ),
    "etcdctl": _verbs(
        "get, member list, endpoint status, endpoint health, endpoint hashkv, alarm list, version, watch, auth "
        "status, user list, user get, role list, role get",
        "elect, user add, user delete, role add, role delete, auth enable, auth disable, put, del, defrag, compact, "
        "compaction, alarm disarm, member add, member remove, member update, snapshot restore, move-leader, snapshot "
        "save, txn, lease revoke",
        "--endpoints --cacert --cert --key --user --password --command-timeout --dial-timeout -w --write-out",
    ),
    "vault": _verbs(
        "print token, token capabilities, path-help, status, list, kv get, kv list, kv metadata get, token lookup, "
        "secrets list, auth list, policy list, policy read, operator raft list-peers, operator members, version, "
        "audit list",
        "kv rollback, kv undelete, kv metadata put, kv metadata delete, operator rotate, operator init, token renew, "
        "lease renew, policy write, policy delete, write, delete, kv put, kv delete, kv destroy, kv patch, login, "
        "token revoke, token create, lease revoke, secrets enable, secrets disable, operator seal, operator unseal, "
        "operator step-down, operator rekey, auth enable, auth disable",
        "-address -namespace",
    ),
    "consul": _verbs(
        "kv export, help, operator autopilot get-config, members, info, kv get, catalog, operator raft list-peers, "
        "version, monitor, rtt, intention list",
        "kv import, services register, services deregister, snapshot restore, operator autopilot set-config, kv put, "
        "kv delete, leave, force-leave, join, reload, maint, lock, exec, operator raft remove-peer, restore",
        "-http-addr -token -datacenter",
    ),
    "nomad": _verbs(
        "status, node status, job status, job history, job inspect, alloc status, alloc logs, server members, "
        "version, deployment status, deployment list, operator raft list-peers, job plan, eval status, eval list",
        "run, stop, job run, job stop, job restart, job revert, node drain, alloc restart, alloc stop, system gc, "
        "job dispatch, deployment promote, deployment fail, node eligibility, job scale",
        "-address -namespace -region -token",
    ),
    "argocd": _verbs(
        "app get, app list, app diff, app history, app logs, app resources, app manifests, version, cluster list, "
        "repo list, proj list, proj get",
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
        "get, version, backup get, backup describe, backup logs, restore get, restore describe, restore logs, "
        "schedule get, schedule describe, backup-location get",
        "backup-location set, backup-location create, backup create, backup delete, restore create, restore delete, "
        "schedule create, schedule delete, install",
        "-n --namespace",
    ),
    "cilium": _verbs(
        "status, version, config view, bgp peers, encrypt status",
        "install, upgrade, uninstall",
        "-n",
    ),
    "virtctl": _verbs(
        "version, guestosinfo, userlist, fslist",
        "removevolume, image-upload, memory-dump, vmexport, expose, create, soft-reboot, reset, start, stop, "
        "restart, migrate, pause, unpause, addvolume",
    ),
    "ceph": _verbs(
        "osd find, osd metadata, osd safe-to-destroy, osd ok-to-stop, osd lspools, osd crush tree, osd crush rule "
        "ls, mon versions, orch upgrade status, features, fsid, device ls, mgr module ls, mds metadata, status, -s, "
        "=health, health detail, df, versions, version, osd tree, osd df, osd status, osd stat, osd perf, osd ls, "
        "osd dump, osd pool ls, osd pool stats, osd pool get, osd blocked-by, pg stat, pg dump, pg ls, pg query, mon "
        "stat, mon dump, mds stat, fs status, fs ls, fs dump, mgr stat, mgr services, quorum_status, crash ls, crash "
        "info, log last, time-sync-status, orch ps, orch ls, orch status, orch host ls, orch device ls, auth ls, "
        "config dump, config get, balancer status",
        "osd repair, osd scrub, osd deep-scrub, osd primary-affinity, osd set-full-ratio, osd set-nearfull-ratio, "
        "osd set-backfillfull-ratio, osd erasure-code-profile set, orch apply, orch upgrade start, orch upgrade "
        "stop, orch host, orch rm, mgr module enable, mgr module disable, auth import, auth add, auth caps, fs set, "
        "fs rm, mon remove, mon add, pg force-recovery, pg force-backfill, health unmute, osd lost, osd out, osd in, "
        "osd down, osd set, osd unset, osd reweight, osd crush, osd rm, osd purge, osd destroy, pg repair, pg "
        "deep-scrub, pg scrub, config set, fs fail, mds fail, mgr fail, crash archive, crash archive-all, osd pool "
        "set, osd pool delete, osd pool create, orch restart, orch daemon, auth del, health mute, tell",
        "-n --name -c --conf --id --cluster -f --format",
    ),
    "odf": _verbs(
        "cephfs-snap ls, get",
        "cephfs-snap delete, subvolume delete, set, purge-osd, restore, operator",
    ),
    "rabbitmqctl": _verbs(
        "list_topic_permissions, status, cluster_status, list_queues, list_exchanges, list_bindings, "
        "list_connections, list_channels, list_consumers, list_users, list_vhosts, list_permissions, list_policies, "
        "list_parameters, report, environment, ping, node_health_check, list_unresponsive_queues, version",
        "stop, start_app, stop_app, reset, force_reset, forget_cluster_node, join_cluster, purge_queue, "
        "delete_queue, close_connection, close_all_connections, set_policy, clear_policy, add_user, delete_user, "
        "sync_queue, rotate_logs, set_vm_memory_high_watermark, eval, force_boot",
        "-n --node -p --vhost -t --timeout -q",
    ),
    "supervisorctl": _verbs(
        "status, tail, pid, avail, version",
        "start, stop, restart, reload, reread, update, signal",
    ),
    "amtool": _verbs(
        "=alert, =silence, alert query, silence query, config show, config routes, check-config, cluster show",
        "silence add, silence expire, silence update, silence import, alert add",
        "--alertmanager.url --timeout -o --output --config.file",
    ),
    "tsh": _verbs(
        "request ls, request list, request show, recordings ls, status, ls, clusters, version, kube ls, db ls, apps ls",
        "db login, db logout, kube login, apps login, request review, request new, mfa add, mfa rm, login, logout, "
        "request create, scp",
        "--proxy --user -l --login --cluster -i --identity",
    ),
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
        "status, info, ring, tpstats, cfstats, tablestats, compactionstats, netstats, version, describecluster, "
        "gossipinfo, proxyhistograms, tablehistograms, getendpoints",
        "repair, cleanup, decommission, removenode, drain, compact, flush, scrub, assassinate, stop, rebuild, refresh",
        "-h --host -p --port -u -pw",
    ),
    "zpool": _verbs(
        "status, list, iostat, history, get",
        "scrub, clear, replace, offline, online, destroy, import, export",
    ),
    "zfs": _verbs(
        "list, get",
        "destroy, rollback, snapshot, set, create, send, receive, mount, unmount",
    ),
    "apt": _verbs(
        "list, show, search, policy",
        "install, remove, purge, upgrade, update, autoremove, full-upgrade",
    ),
    "patronictl": _verbs(
        "list, topology, history, show-config, version",
        "failover, switchover, restart, reinit, reload, pause, resume, edit-config, remove, flush",
        "-c --config-file -d --dcs-url",
    ),
    "eksctl": _verbs(
        "get, info, version, utils describe-stacks",
        "create, delete, scale, upgrade, drain",
    ),
    "openssl": _verbs(
        "dgst, md5, sha256, pkcs7, crl2pkcs7, s_client, x509, verify, version, ciphers, crl",
        "genrsa, req, ca",
        never=r"-out|-req|-signkey|-CA",
    ),
    "chronyc": _verbs(
        "tracking, sources, sourcestats, activity",
        "makestep, burst, online, offline, add, delete",
    ),
    "promtool": _verbs(
        "query instant, query range, query series, query labels, check config, check rules, check metrics, check "
        "healthy, check ready",
        "push metrics, tsdb create-blocks-from",
    ),
    "bundle": _verbs(
        "outdated, check, list, show, info, version",
        "add, remove, clean, config, install, update",
    ),
    "knife": _verbs(
        "status, node show, node list, search, role show, role list, cookbook list, cookbook show, environment show, "
        "environment list, client list, client show, data bag list, data bag show, diff, vault show, user list, user "
        "show, ssl check, list, show",
        "node edit, node delete, node create, node from file, node run_list add, node run_list remove, node run_list "
        "set, role edit, role from file, role delete, role create, role run_list, environment edit, environment from "
        "file, environment create, environment delete, data bag from file, data bag create, data bag edit, data bag "
        "delete, cookbook upload, cookbook delete, client create, client delete, client edit, vault create, vault "
        "edit, vault update, vault delete, vault remove, vault rotate, vault refresh, bootstrap, upload, delete, "
        "download, ssl fetch, user create, user delete",
        "-c --config -E --environment -F --format -a --attribute -x --ssh-user -i --identity-file -C --concurrency "
        "-p --ssh-port -P -k --key -u --user -s --server-url",
    ),
    "gitlab-ctl": _verbs(
        "status, tail, show-config, service-list, diff-config, help, get-postgresql-primary",
        "reconfigure, start, stop, restart, hup, kill, int, term, usr1, usr2, quit, once, graceful-kill, upgrade, "
        "cleanse, promote, promote-db, deploy-page, pg-upgrade, revert-pg-upgrade, renew-le-certs, repmgr, patroni, "
        "pgb-notify, remove-accounts, uninstall, set-geo-primary-node, registry-garbage-collect, prometheus-upgrade",
    ),
    "cast": _verbs(
        "call, balance, tx, block, block-number, chain-id, receipt, storage, logs, code, nonce, gas-price, sig, "
        "abi-encode, abi-decode, calldata, to-hex, to-dec, from-wei, to-wei, keccak, age, client, implementation, "
        "admin, wallet address",
        "send, publish, mktx, wallet import, wallet new",
        "--rpc-url -r --block -b --private-key --from",
    ),
    "rbd": _verbs(
        "ls, list, info, du, status, children, snap ls, snap list, lock ls, lock list, mirror image status, mirror "
        "pool status, mirror pool info, showmapped, device list, trash ls, trash list",
        "create, rm, remove, resize, map, unmap, flatten, rename, import, export, clone, copy, feature enable, "
        "feature disable, snap create, snap rm, snap purge, snap rollback, snap protect, snap unprotect, lock "
        "remove, lock rm, trash mv, trash rm, trash purge, trash restore, mirror image enable, mirror image disable, "
        "mirror image promote, mirror image demote, mirror image resync, mirror pool enable, mirror pool disable, "
        "device map, device unmap, migration",
        "-p --pool --namespace --id -m --key -c --conf --image",
    ),
    "rados": _verbs(
        "df, lspools, ls, stat",
        "put, rm, mkpool, rmpool, purge, append, create",
        "-p --pool",
    ),
    "wal-g": _verbs(
        "backup-list, wal-show, wal-verify",
        "backup-push, backup-fetch, wal-push, wal-fetch, delete",
    ),
    "wal-e": _verbs(
        "backup-list",
        "backup-push, backup-fetch, wal-push, wal-fetch, delete",
    ),
    "thanos": _verbs(
        "tools bucket ls, tools bucket inspect, tools bucket verify, tools rules-check",
        "tools bucket mark, tools bucket cleanup, tools bucket rewrite, tools bucket replicate, tools bucket "
        "downsample",
        "--objstore.config-file --objstore.config --log.level",
        r"--repair",
    ),
    "ipmitool": _verbs(
        "sel list, sel elist, sel info, =sensor, sensor list, sensor get, =sdr, sdr list, sdr elist, =fru, fru "
        "print, chassis status, power status, chassis power status, lan print, mc info",
        "power on, power off, power cycle, power reset, power soft, chassis power on, chassis power off, chassis "
        "power cycle, chassis power reset, chassis power soft, sel clear, mc reset, chassis bootdev, sensor thresh",
        "-I -H -U -P -f -L",
    ),
    "heroku": _verbs(
        "logs, ps, config, releases, status, apps, pg, pg:info, pg:ps, maintenance, domains, addons, config:get",
        "restart, ps:restart, ps:scale, rollback, releases:rollback, run, config:set, config:unset, maintenance:on, "
        "maintenance:off, pg:killall, pg:promote, scale, deploy",
        "-a --app -r --remote",
    ),
    "cf": _verbs(
        "apps, app, logs, events, services, service, env, routes, spaces, orgs, version",
        "push, restart, restage, scale, delete, set-env, unset-env, bind-service, unbind-service, create-service, "
        "delete-service, stop, start, restart-app-instance, login, rename, map-route, unmap-route, target",
    ),
    "kubeadm": _verbs(
        "version, token list, config view, certs check-expiration, upgrade plan",
        "init, join, reset, token create, token delete, upgrade apply, upgrade node, certs renew",
    ),
    "kops": _verbs(
        "get, validate, version",
        "create, delete, edit, replace, rolling-update, update, upgrade, export",
    ),
    "minikube": _verbs(
        "status, ip, profile list, logs, version",
        "start, stop, delete, pause, unpause",
    ),
    "fly": _verbs(
        "builds, targets, pipelines, jobs, watch, workers, containers, get-pipeline, volumes, teams",
        "trigger-job, tj, pause-job, pj, unpause-job, uj, set-pipeline, sp, abort-build, ab, pause-pipeline, pp, "
        "unpause-pipeline, up, destroy-pipeline, dp, login, check-resource, cr, land-worker, prune-worker, "
        "rerun-build, execute, sync, logout, expose-pipeline, hide-pipeline",
        "-t --target -p --pipeline -j --job -b --build",
    ),
    "nvme": _verbs(
        "list, smart-log, id-ctrl, error-log",
        "format, reset, sanitize",
    ),
    "perf": _verbs(
        "list, top, report, =script, annotate, version",
        "record",
        never=r"-o|--output|-i\Z",
    ),
}
VERBS["podman"] = VERBS["nerdctl"] = VERBS["docker"]
VERBS["docker-compose"] = _verbs("ps, logs, config, images, top", "up, down, restart, stop, start, rm, pull", "-f -p")
VERBS["gitlab-patronictl"] = VERBS["patronictl"]
VERBS["gitlab-redis-cli"] = VERBS["redis-cli"]
VERBS["tf"] = VERBS["tofu"] = VERBS["terragrunt"] = VERBS["terraform"]
VERBS["valkey-cli"] = VERBS["redis-cli"]
