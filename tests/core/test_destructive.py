"""What cannot be taken back is noticed by its words, wherever in the command they stand."""

from __future__ import annotations

import pytest

from incident.core.destructive import is_destructive


@pytest.mark.parametrize(
    "text",
    [
        "rm -rf /tmp/x", "/bin/rm x", "sudo rm x", "git push --force", "git push -f origin main",
        "git push --force-with-lease", "git push origin +main", "git push origin :old", "git push -fu",
        "git reset --hard HEAD~1", "git clean -fd", "git branch -D x", "kubectl delete pod x", "kubectl drain node-1",
        "kubectl -n x scale deploy/y --replicas=0", "kubectl scale deploy/y --replicas 0",
        "kubectl delete pod x --grace-period=0 --force", "terraform apply", "terraform -chdir=x apply -auto-approve",
        "terraform destroy", "tofu apply", "pulumi up", "helm uninstall x",
        "aws ec2 terminate-instances --instance-ids i-1", "aws s3 rb s3://x", "aws s3 rm s3://x --recursive",
        "aws cloudformation delete-stack", "rsync -a --delete a b", "psql -c 'DROP TABLE users'",
        'psql -c "truncate users"', "mysql -e 'DELETE FROM x'", "redis-cli FLUSHALL", "redis-cli -h x flushdb",
        "mkfs.ext4 /dev/sda1", "dd if=/dev/zero of=/dev/sda", "shutdown -h now", "reboot", "kill -9 123", "pkill java",
        "killall nginx", "crontab -r", "iptables -F", "docker system prune -f", "docker volume rm x",
        "docker compose down -v", "curl -X DELETE http://x/api", "curl http://x/api/delete", "kubeadm reset",
        "rabbitmqctl purge_queue q", "rabbitmqctl force_reset", "find . -name x -delete", "ssh db 'rm -rf /data'",
        'bash -c "terraform destroy"', "etcdctl del /x", "vault token revoke x", "dropdb shop", "xargs rm",
        "find . -exec rm {} +", "true && rm x", "$(rm x)", "kubectl replace --force -f x.yml", "systemctl reboot",
        "wipefs -a /dev/sdb", "shred x", "gcloud sql instances delete x", "cat x | xargs kill -9", "rm",
    ],
)  # fmt: skip
def test_what_destroys_is_noticed(text: str) -> None:
    assert is_destructive(text)


@pytest.mark.parametrize(
    "text",
    [
        "kubectl get pods", "docker run --rm -it x", "kubectl rollout undo deploy/x",
        "kubectl rollout restart deploy/x", "gh workflow run rollback.yml -f sha=abc", "git push",
        "git push origin main", "git pull -f", "ls --format x", "terraform plan", "terraform plan -out=apply.plan",
        "helm upgrade x y", "kill -HUP 1", "kill 1", "systemctl restart x", "grep --fixed-strings x",
        "kubectl cordon n", "kubectl logs pods-to-delete", "docker compose down", "helm rollback x 3",
        "aws ec2 describe-instances", "cat form.txt", "echo farm", "kubectl scale deploy/y --replicas=10", "ls -d",
        "kubectl logs undelete", "tar -xf a.tar", "echo --forced-colors", "git branch -d x", "format x",
        "kubectl get drains",
    ],
)  # fmt: skip
def test_what_can_be_taken_back_is_not_called_destructive(text: str) -> None:
    assert not is_destructive(text)


@pytest.mark.fault(79)
@pytest.mark.parametrize("pump", ["git push ", "-x", "-", "git ", "' ", "kill -", ";", "a/"])
def test_a_pumped_command_costs_no_more_than_its_length(pump: str) -> None:
    """Quadratic cost on this much would hang the test for minutes rather than make it slow."""
    assert not is_destructive(pump * 20_000)
