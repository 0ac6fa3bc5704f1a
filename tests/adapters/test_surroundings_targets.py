"""The ambient targets of the tools for clusters, clouds and containers, read as those tools read them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from incident.core.command import Target, argv_for, is_production
from incident.surroundings import RealSurroundings

Write = Callable[[str, str], Path]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, with a home folder beside it."""
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def write(here: Path) -> Write:
    """Writes a file into the home folder."""

    def written(path: str, text: str) -> Path:
        file = here.parent / "home" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return written


def target(text: str, here: Path, **environment: str) -> Target:
    environment = {"HOME": str(here.parent / "home"), **environment}
    return RealSurroundings(environment).target(argv_for(text)[0])


KUBECONFIG = """\
current-context: prod-eu
contexts:
- name: prod-eu
  context: {cluster: prod, user: kim, namespace: checkout}
- name: staging
  context: {cluster: staging, user: kim}
"""


def test_the_namespace_is_the_contexts_or_the_commands(here: Path, write: Write) -> None:
    origin = str(write(".kube/config", KUBECONFIG))
    for text, name in (
        ("kubectl get pods", "prod-eu / checkout"),
        ("kubectl -n payment get pods", "prod-eu / payment"),
        ("kubectl get pods --namespace=payment", "prod-eu / payment"),
        ("kubectl get pods -npayment", "prod-eu / payment"),
        ("kubectl get pods -n=payment -ojson", "prod-eu / payment"),
        ("kubectl get pods -A", "prod-eu / all namespaces"),
        ("helm list --all-namespaces", "prod-eu / all namespaces"),
        ("kubectl exec -it pod -- sh -n payment -A", "prod-eu / checkout"),
        ("kubectl exec -itn payment pod -- sh", "prod-eu"),
        ("kubectl logs -fn payment pod", "prod-eu"),
        ("kubectl get pods -o name", "prod-eu / checkout"),
        ("kubectl get pods -ojson", "prod-eu / checkout"),
        ("velero get backups", "prod-eu"),
        ("velero -n backup get backups", "prod-eu / backup"),
    ):
        assert target(text, here) == Target(name, origin), text
    for text, name in (
        ("kubectl --context staging get pods", "staging / default"),
        ("kubectl --context staging -n payment get pods", "staging / payment"),
        ("kubectl --context nowhere get pods", "nowhere"),
        ("kubectl --server https://h:6443 -n payment get pods", "https://h:6443 / payment"),
    ):
        assert target(text, here).name == name, text
    assert is_production(target("kubectl get pods", here), ("prod-*",))
    assert is_production(target("kubectl get pods", here), ("checkout",))


def test_a_switch_within_the_line_counts_for_the_rest_of_it(here: Path, write: Write) -> None:
    write(".kube/config", KUBECONFIG)
    for text, name in (
        ("kubectl config use-context staging && kubectl get pods", "staging / default"),
        ("kubectx staging && kubectl get pods", "staging / default"),
        ("kubectx; kubens; kubectl get pods", "prod-eu / checkout"),
        ("kubectx - && kubectl get pods", ""),
        ("kubens payment && kubectl get pods", "prod-eu / payment"),
        ("kubens - && kubectl get pods", ""),
        ("kubectl config set-context --current --namespace=payment && kubectl get pods", "prod-eu / payment"),
        ("kubectl config set-context other --namespace payment && kubectl get pods", ""),
        ("oc project payment && oc get pods", ""),
        ("oc project && oc get pods", "prod-eu / checkout"),
    ):
        assert target(text, here).name == name, text


def test_helm_has_variables_of_its_own_which_kubectl_does_not_read(here: Path, write: Write) -> None:
    write(".kube/config", KUBECONFIG)
    settings = {"HELM_KUBECONTEXT": "staging", "HELM_NAMESPACE": "payment"}
    assert target("helm list", here, **settings) == Target("staging / payment", "HELM_KUBECONTEXT")
    assert target("helm -n other list", here, **settings).name == "staging / other"
    assert target("kubectl get pods", here, **settings).name == "prod-eu / checkout"


def test_of_several_kubeconfigs_the_first_that_says_something_counts(here: Path) -> None:
    for name, text in (
        ("context", "current-context: prod-eu\n"),
        ("bare", "contexts:\n- name: prod-eu\n  context: {cluster: x}\n"),
        ("full", KUBECONFIG),
        ("anchors", "users: &u []\nother: *u\ncontexts: []\n"),
        ("odd", "contexts: [5, {name: a}, {name: b, context: 5}]\ncurrent-context: [prod]\n"),
        ("list", "- a\n"),
        ("empty", ""),
    ):
        (here / name).write_text(text)
    for listed, name in (
        ("context:full", "prod-eu / checkout"),
        ("context:bare:full", "prod-eu / default"),
        ("gone:empty:full", "prod-eu / checkout"),
        ("odd:full", "prod-eu / checkout"),
        ("anchors:full", "prod-eu"),  # what stands in the unread file may say otherwise
        ("full:anchors", "prod-eu / checkout"),
        ("list:full", "prod-eu"),
        ("context", "prod-eu"),
        ("odd", ""),
    ):
        assert target("kubectl get pods", here, KUBECONFIG=listed).name == name, listed
    assert target("kubectl --kubeconfig full get pods", here, KUBECONFIG="context").name == "prod-eu / checkout"
    assert target("kubectl --kubeconfig context:full get pods", here) == Target()  # it is one path, not a list


@pytest.mark.fault(91)
def test_a_kubeconfig_of_aliases_holds_nobody_up_and_is_believed_only_where_it_is_certain(
    here: Path, write: Write
) -> None:
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 20)]
    write(".kube/config", "\n".join(["a0: &a0 [x]", *levels, KUBECONFIG]))
    assert target("kubectl get pods", here).name == "prod-eu"
    write(".kube/config", "current-context: prod-eu\nx: " + "[" * 5_000)
    assert target("kubectl get pods", here).name == "prod-eu"


AWS = """\
[default]
region = eu-west-1
[profile prod]
sso_account_id = 123456789012
region = eu-central-1
s3 =
  max_concurrent_requests = 20
[profile admin]
role_arn = arn:aws:iam::210987654321:role/admin
source_profile = prod
sso_account_id = 123456789012
[profile odd]
role_arn = role/admin
aws_account_id = 123456789012
"""


def test_a_profile_is_shown_with_its_account_and_its_region(here: Path, write: Write) -> None:
    write(".aws/config", AWS)
    write(".aws/credentials", "[keys]\naws_account_id = 111122223333\naws_secret_access_key = hunter2hunter2\n")
    for text, environment, name in (
        ("aws s3 ls", {}, "aws profile default / eu-west-1"),
        ("aws s3 ls", {"AWS_PROFILE": "prod"}, "aws profile prod / 123456789012 / eu-central-1"),
        ("aws --profile admin s3 ls", {}, "aws profile admin / 210987654321"),
        ("aws --profile odd s3 ls", {}, "aws profile odd"),
        ("aws --profile keys s3 ls", {}, "aws profile keys / 111122223333"),
        ("aws --profile gone s3 ls", {}, "aws profile gone"),
        ("aws --region us-east-1 s3 ls", {"AWS_REGION": "x"}, "aws profile default / us-east-1"),
        ("aws s3 ls", {"AWS_DEFAULT_REGION": "us-east-1"}, "aws profile default / us-east-1"),
        ("aws s3 ls", {"AWS_REGION": "us-east-1"}, "aws profile default / us-east-1 or eu-west-1"),
        ("aws s3 ls", {"AWS_REGION": "eu-west-1"}, "aws profile default / eu-west-1"),
        (
            "aws s3 ls",
            {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_REGION": "us-east-1"},
            "aws keys in the environment / us-east-1",
        ),
    ):
        assert target(text, here, **environment).name == name, (text, environment)


def test_aws_files_may_lie_elsewhere_and_a_broken_one_says_nothing(here: Path, write: Write) -> None:
    write("other", "[default]\nregion = other\n")
    write("twice", "[default]\nregion = a\nregion = b\n")
    (here / "own").write_text("[default]\nregion = own\n")
    for place, name in (
        ("~/other", "aws profile default / other"),
        ("~/twice", "aws profile default"),
        ("own", "aws profile default / own"),
        (str(here / "gone"), "aws profile default"),
    ):
        assert target("aws s3 ls", here, AWS_CONFIG_FILE=place).name == name, place
    assert target("cd $NOWHERE; aws s3 ls", here, AWS_CONFIG_FILE="own").name == "aws profile default"


def test_gcloud_is_named_by_its_project(here: Path, write: Write) -> None:
    for name, project in (("default", ""), ("eu", "project = acme-eu"), ("us", "project = acme-us")):
        write(f".config/gcloud/configurations/config_{name}", f"[core]\n{project}\n[compute]\nregion = x\n")
    assert target("gcloud compute instances list", here) == Target()
    write(".config/gcloud/active_config", "eu\n")
    assert target("gcloud sql instances list", here) == Target("gcloud project acme-eu", "the configuration eu")
    write("elsewhere/configurations/config_default", "[core]\nproject = far\n")
    elsewhere = str(here.parent / "home" / "elsewhere")
    for text, environment, name in (
        ("gsutil ls", {}, "acme-eu"),
        ("bq ls", {}, "acme-eu"),
        ("gcloud --project acme-x sql list", {"CLOUDSDK_CORE_PROJECT": "y"}, "acme-x"),
        ("bq ls --project_id=acme-x", {}, "acme-x"),
        ("gcloud sql list", {"CLOUDSDK_CORE_PROJECT": "acme-y"}, "acme-y"),
        ("gcloud --configuration us sql list", {"CLOUDSDK_ACTIVE_CONFIG_NAME": "default"}, "acme-us"),
        ("gcloud sql list", {"CLOUDSDK_ACTIVE_CONFIG_NAME": "us"}, "acme-us"),
        ("gcloud sql list", {"CLOUDSDK_ACTIVE_CONFIG_NAME": "../x"}, ""),
        ("gcloud sql list", {"CLOUDSDK_CONFIG": elsewhere}, "far"),
        ("cd $NOWHERE; gcloud sql list", {"CLOUDSDK_CONFIG": "relative"}, ""),
        ("gcloud config set project acme-z && gcloud sql list", {}, "acme-z"),
        ("gcloud config set project acme-z && gcloud sql list", {"CLOUDSDK_CORE_PROJECT": "acme-y"}, "acme-y"),
        ("gcloud config configurations activate us && gcloud sql list", {}, ""),
        ("gcloud config configurations activate us && gcloud --project x sql list", {}, "x"),
    ):
        shown = f"gcloud project {name}" if name else ""
        assert target(text, here, **environment).name == shown, (text, environment)
    write(".bigqueryrc", "project_id = other\n")
    assert target("bq ls", here) == Target()


def docker_context(home: Path, name: str, host: str) -> None:
    folder = home / ".docker" / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


def test_docker_is_named_by_its_context_or_its_host(here: Path, write: Write) -> None:
    assert target("docker ps", here) == Target("docker context default", "nothing else is set")
    config = write(".docker/config.json", '{"currentContext": "prod"}')
    docker_context(here.parent / "home", "prod", "ssh://ops@prod-1")
    prod = "docker context prod / prod-1"
    assert target("docker ps", here) == Target(prod, str(config))
    for text, environment, name in (
        ("docker-compose up", {}, prod),
        ("docker -H tcp://h:2375 ps", {}, "docker host h:2375"),
        ("docker -Htcp://h:2375 ps", {}, "docker host h:2375"),
        ("docker --host=unix:///run/x.sock ps", {}, "docker host /run/x.sock"),
        ("docker ps", {"DOCKER_HOST": "tcp://h:2375", "DOCKER_CONTEXT": "prod"}, "docker host h:2375"),
        ("docker --context prod ps", {"DOCKER_HOST": "tcp://h:2375"}, prod),
        ("docker -c other ps", {}, "docker context other"),
        ("docker ps", {"DOCKER_CONTEXT": "other"}, "docker context other"),
        ("docker run x sh -c true", {}, prod),
        ("docker context use other && docker ps", {}, "docker context other"),
        ("docker --config nowhere ps", {}, "docker context default"),
        ("docker ps", {"DOCKER_CONFIG": str(here)}, "docker context default"),
        ("cd $NOWHERE; docker --config x ps", {}, ""),
    ):
        assert target(text, here, **environment).name == name, (text, environment)
    for text in ("[", "5", '{"currentContext": 5}', "[" * 100_000):
        write(".docker/config.json", text)
        assert target("docker ps", here).name == "docker context default", text[:20]


def test_terraform_is_named_by_its_workspace_where_it_was_set_up(here: Path) -> None:
    assert target("terraform plan", here) == Target()
    (here / ".terraform").mkdir()
    assert target("terraform plan", here).name == "terraform workspace default"
    (here / ".terraform" / "environment").write_text("stage\n")
    (here / "data").mkdir()
    (here / "prod" / ".terraform").mkdir(parents=True)
    (here / "prod" / ".terraform" / "environment").write_text("prod")
    for text, environment, name in (
        ("terraform plan", {}, "stage"),
        ("tofu plan", {}, "stage"),
        ("terraform plan", {"TF_WORKSPACE": "prod"}, "prod"),
        ("terraform -chdir=prod plan", {}, "prod"),
        ("cd prod && terraform apply -auto-approve", {}, "prod"),
        ("terraform workspace select prod && terraform apply", {}, "prod"),
        ("terraform plan", {"TF_DATA_DIR": "data"}, "default"),
        ("terraform -chdir=$NOWHERE plan", {}, ""),
        ("cd - && terraform plan", {}, ""),
    ):
        shown = f"terraform workspace {name}" if name else ""
        assert target(text, here, **environment).name == shown, (text, environment)


def test_a_variable_that_the_line_unsets_is_not_read(here: Path) -> None:
    assert target("unset AWS_PROFILE; aws s3 ls", here, AWS_PROFILE="prod").name == "aws profile default"


def test_a_tools_target_is_not_shown_for_a_command_that_only_mentions_it(here: Path, write: Write) -> None:
    write(".kube/config", KUBECONFIG)
    for text in ("echo kubectl", "man docker", "ls terraform", "grep gcloud x"):
        assert target(text, here) == Target(), text
