"""What well-known programs do to the world, as data. What is not listed here is not known, and treated as a change."""

from __future__ import annotations

import re

from incident.core.runbook.verbs import VERBS

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
    logcli stern kubetail lvs vgs pvs lvdisplay vgdisplay pvdisplay lsns lsusb lsipc getfacl getcap namei pmap pwdx
    slabtop iotop iftop atop nethogs sha512sum cksum b2sum base32 envsubst bzcat xzcat zstdcat zdiff zmore jstack jstat
    jps nfsstat showmount smbstatus findfs locale getconf pgbadger xfs_info tload
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
        "apt-cache": r"gencaches|add",
        "arp": r"-\w*[sdf]",
        "route": r"add|del|flush",
        "tcpdump": r"-\w*[wzZ]",
        "nc": r"-\w*[lec]|--(exec|sh-exec|listen)",
        "ethtool": r"-\w*[sKGACLNXEfrtp]\b|--(set|change|flash|negotiate|reset)",
        "smartctl": r"-\w*[sotX]|--(smart|offlineauto|saveauto|test|abort|set)",
        "tshark": r"-\w*[wF]",
        "xxd": r"[^-]",
        "pg_dump": r"-\w*[fF]|--(?:file|format|lock)",
        "pg_dumpall": r"-\w*f|--file",
        "mysqldump": r"-\w*[rTFlx]|--(?:result-file|tab|flush|delete|lock|master-data|source-data|apply)",
        "ntpq": r"-\w*c",
    }.items()
}

# Programs that read only with an option that says so, and every other option is among these.
READERS_WITH = {
    tool: re.compile(pattern)
    for tool, pattern in {
        "crontab": r"-l\Z",
        "chef-client": r"-W\Z|--why-run\Z",
        "gpg": r"(?:-k|-K|--list-keys|--list-secret-keys|--fingerprint)\Z",
        "fdisk": r"-l\Z",
        "tune2fs": r"-l\Z",
        "multipath": r"-ll?\Z",
        "exportfs": r"-[sv]\Z",
        "dpkg": r"(?:-[lsLS]|--list|--status|--listfiles|--search)\Z",
        "rpm": r"(?:-[qV]\w*|--query|--verify)\Z",
    }.items()
}

# Programs that change something, whatever their arguments.
CHANGERS = frozenset(
    """
    rm rmdir mv cp ln mkdir touch truncate chmod chown chgrp chattr dd shred kill pkill killall xkill reboot shutdown
    halt poweroff init telinit mkfs mkswap swapon swapoff umount fsck e2fsck parted lvextend lvcreate lvremove vgextend
    resize2fs xfs_growfs useradd userdel usermod groupadd passwd chpasswd visudo rsync scp sftp install unlink
    apt-get yum dnf zypper apk snap pacman brew pip pip3 pipx npm yarn gem cargo modprobe rmmod insmod nmcli
    supervisorctl-restart renice taskset setfacl tar unzip gzip gunzip patch vi vim nano emacs crm pcs
    ansible-playbook puppet cfdisk growpart dpkg-reconfigure update-rc.d chkconfig pt-online-schema-change gh-ost
    capistrano cap pg_ctl pg_resetwal pg_restore createdb dropdb createuser dropuser initdb mongorestore
    """.split()  # noqa: SIM905 - a table of words reads better so
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
    "envdir": "",
    "nsenter": "-t --target -S --setuid -G --setgid",
    "ionice": "-c -n -p",
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
SKIPS_A_WORD = frozenset({"timeout", "chroot", "envdir"})

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
    """.split()  # noqa: SIM905 - a table of words reads better so
)


# Words that are programs and English alike; outside a shell block they need more than a second word to be a command.
ENGLISH = frozenset(
    """
    apt at cap case cat column cut date declare diff do done echo else env exec exit export expr file find fold for free
    function go group groups head heat hey host id if init install ip join kill kind last less link local locate look
    make man mount more nice open paste patch perf ping popd print read return rev screen select service set sleep
    snap sort source split stat step strings swift tail tar tee test then time top touch tree true type uniq until
    unset update w wait watch wc which while who yes node ruby python java strings false salt chef-client borg pd mc
    nats snow sam flux consul nomad vault step . : [ [[ !  {
    """.split()  # noqa: SIM905 - a table of words reads better so
)

# Parts of the shell itself that other languages and plain output begin lines with, too.
BUILT_IN = frozenset(
    """
    set local declare readonly return exit read wait shopt type test [ [[ : . source eval exec function case true false
    import alias break continue hash
    """.split()  # noqa: SIM905 - a table of words reads better so
)

CLOUDS = frozenset({"aws", "gcloud", "az", "awslocal", "openstack"})
KNOWN = (
    READERS | READERS_UNLESS.keys() | READERS_WITH.keys() | CHANGERS | WRAPPERS.keys() | OTHERS | VERBS.keys() | CLOUDS
)
