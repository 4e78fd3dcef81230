# SPDX-License-Identifier: Apache-2.0
"""What every host must be: the rules of rich.yaml.in a second time, in plain Python and without a line of Zync.

The technical name follows the rule that src/model/names.h documents; of equal names the first object in the order of type and id
keeps its own.
"""
import fnmatch
import re
import unicodedata

NAME_MAX = 128
STATE = {"device": {"offline": "disabled", "planned": "disabled", "staged": "disabled", "failed": "disabled",
                    "decommissioning": "removed", "inventory": "removed"},
         "vm": {"offline": "disabled", "planned": "disabled", "staged": "disabled", "failed": "disabled", "paused": "disabled",
                "decommissioning": "removed"}}
LEGAL = re.compile(r"[0-9A-Za-z._-]([0-9A-Za-z ._-]*[0-9A-Za-z._-])?")
MADE = re.compile(r"(.*)_[dv](0|[1-9][0-9]*)", re.S)


# technical names

def suffix(kind, ident):
    return "_%s%d" % ({"device": "d", "vm": "v"}[kind], ident)


def distinguished(name, kind, ident):
    end = suffix(kind, ident)
    stem = re.sub(r"[^0-9A-Za-z ._-]", "_", (name or "").strip(" "))[:NAME_MAX - len(end)]
    if not re.search("[0-9A-Za-z]", stem):
        return "host" + end
    if "_" not in stem and len(stem) < NAME_MAX - len(end):
        stem += "_"
    return stem + end


def technical_name(name, kind, ident):
    made = MADE.fullmatch(name or "")
    looks_made = made and (len(name) == NAME_MAX or "_" in made.group(1) or made.group(1) == "host")
    if not name or not LEGAL.fullmatch(name) or len(name) > NAME_MAX or (looks_made and not name.endswith(suffix(kind, ident))):
        return distinguished(name, kind, ident)
    return name


# small words of the template language

def slug(text):
    text = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    return re.sub(r"[^a-z0-9_]+", "-", text).strip("-")


def path(*parts):
    """A group's path: empty parts are left out."""
    return "/".join(part for text in parts for part in (text or "").split("/") if part.strip(" "))


def number(value):
    return ("%g" % value) if isinstance(value, float) else str(value)


def is_like(value, *patterns):
    return value is not None and any(fnmatch.fnmatchcase(value.lower(), p.lower()) for p in patterns)


def named(o, member, *patterns):
    """Is the reference named so, by slug, name or model?"""
    at = member if isinstance(member, tuple) else (member,)
    return any(is_like(o.at(*at, key), *patterns) for key in ("slug", "name", "model") if isinstance(o.at(*at), dict))


class Wanted:
    """One host in the making."""

    def __init__(self):
        self.groups, self.templates, self.tags = set(), set(), set()
        self.macros, self.inventory, self.interfaces = {}, {}, []
        self.proxy, self.host, self.name, self.description, self.state = ("server", ""), None, "", "", "monitored"

    def tag(self, name, value):
        if value is not None:
            self.tags.add((name, value))

    def macro(self, name, value, kind="text", description=""):
        if value is not None:
            self.macros[name] = (kind, value, description)

    def field(self, name, value):
        if value is not None:
            self.inventory[name] = value


class Missing(Exception):
    """The host cannot be derived; the text is Zync's."""


def address(o, which):
    """(ip, dns) of an address of NetBox."""
    ip = o.get(which)
    if not isinstance(ip, dict):
        words = {"primary_ip": "primary IP address", "primary_ip4": "primary IPv4 address", "primary_ip6": "primary IPv6 address",
                 "oob_ip": "out-of-band IP address"}[which]
        raise Missing("no %s in NetBox" % words)
    return ip["address"].split("/")[0], ip.get("dns_name") or ""


def interface(kind, o, port, which="primary_ip", main=True, dns=None, **details):
    """An interface; a function, since whether the address is there matters only for the one that wins."""
    def make():
        if dns is not None:
            ip = o.get(which)
            return (kind, main, False, ip["address"].split("/")[0] if isinstance(ip, dict) else "", dns, port, details)
        ip, name = address(o, which)
        return (kind, main, True, ip, name, port, details)
    return make


class Rules:
    """`secrets`: the environment of the configuration; `v7`: a Zabbix with proxy groups; `more`: rules of one scenario."""

    def __init__(self, secrets, v7, more=None):
        self.secrets, self.v7, self.more = secrets, v7, more

    def derive(self, kind, o):
        w = Wanted()
        w.state = STATE[kind].get(o.at("status", "value"), "monitored")
        w.host = o["name"]
        for rule in (self.everything, self.by_role, self.by_name, self.by_place, self.by_machine, self.by_label, self.special):
            rule(w, kind, o)
        if self.more:
            self.more(w, kind, o)
        return w

    def everything(self, w, kind, o):
        w.groups = {path("NetBox", o.at("site", "region", "name"), o.at("site", "name")), "Kind/" + kind}
        w.templates = {"ICMP Ping"}
        w.name = "%s (%s %d)" % (o["name"], kind, o["id"])
        w.description = "%s: %s" % (o.at("site", "name") or "no site", (o.at("role", "name") or "no role").upper())
        w.interfaces = [interface("agent", o, "10050")]
        w.tag("site", o.at("site", "slug"))
        w.tag("role", (o.at("role", "slug") or "").replace("-", "_") or None)
        for tag in o["tags"]:
            w.tag("netbox", tag["name"])
        w.tag("status", o.at("status", "value"))
        w.tag("live", "")
        w.macro("{$LIVE.SITE}", slug(o.at("site", "name")).upper() if o.at("site") else None)
        w.macro("{$LIVE.SECRET}", self.secrets["LIVE_SECRET"], "secret", "of %s" % o["name"])
        w.field("location", o.at("site", "name"))
        w.field("serialno_a", o.at("serial"))
        w.field("asset_tag", o.at("asset_tag"))
        w.field("type", (o.at("device_type", "model") or "virtual")[:12])

    def by_role(self, w, kind, o):
        roles = o.up("role")
        device = kind == "device"
        if device and "switch" in roles:
            w.groups.add("Switches")
            w.interfaces = [interface("snmp", o, "{$LIVE.PORT}", version=2, bulk=1, max_repetitions=10,
                                      community=self.secrets["LIVE_COMMUNITY"])]
            w.tag("class", "switch")
            w.macro("{$LIVE.PORT}", "1161")
        if "core-switch" in roles and named(o, ("device_type", "manufacturer"), "arista"):
            w.templates.add("Live SNMP")
            w.field("hardware", o.at("device_type", "manufacturer", "name"))
        if "router" in roles:
            w.interfaces = [interface("agent", o, "10055"),
                            interface("snmp", o, "161", version=3, bulk=1, max_repetitions=10, securityname="monitor",
                                      contextname="ctx-" + (o.at("site", "slug") or ""), securitylevel=2, authprotocol=3,
                                      authpassphrase=self.secrets["LIVE_AUTH"], privprotocol=1,
                                      privpassphrase=self.secrets["LIVE_PRIV"])]
            w.macro("{$LIVE.SITE}", "router of %s" % o.at("site", "slug"), "text", "overridden")
        if is_like(o["name"], "rtr-0?"):
            w.host = "%s-%s" % (o.at("site", "slug") or "", o["name"])
        if "firewall" in roles and named(o, ("device_type", "manufacturer"), "fortinet"):
            w.interfaces = [interface("snmp", o, "161", version=3, bulk=1, max_repetitions=25, securityname="fw", contextname="",
                                      securitylevel=1, authprotocol=1, authpassphrase=self.secrets["LIVE_AUTH"], privprotocol=0,
                                      privpassphrase="")]
        if "power" in roles:
            w.interfaces = [interface("snmp", o, "161", version=1, bulk=0, community="{$SNMP_COMMUNITY}")]
            w.macro("{$SNMP_COMMUNITY}", self.secrets["LIVE_COMMUNITY"], "secret")
        if named(o, "device_type", "p32*"):
            w.interfaces = [interface("agent", o, "10060", dns="cam-%d.example.net" % o["id"])]
            w.field("location", o.at("location", "name"))
            w.field("contact", o.at("custom_fields", "owner_team"))

    def by_name(self, w, _kind, o):
        if is_like(o["name"], "addr-o-*"):
            w.interfaces = [interface("snmp", o, "161", "oob_ip", version=2, bulk=1, max_repetitions=10, community="{$SNMP_COMMUNITY}")]
        if is_like(o["name"], "addr-46*"):
            w.interfaces = [interface("agent", o, "10050", "primary_ip4"), interface("agent", o, "10051", "primary_ip6", main=False),
                            interface("snmp", o, "161", "primary_ip4", version=2, bulk=1, max_repetitions=10,
                                      community="{$SNMP_COMMUNITY}")]

    def by_place(self, w, _kind, o):
        if "americas" in o.up("site", "region"):
            w.proxy = ("proxy", "live-proxy-1")
            w.tag("region", o.at("site", "region", "name"))
        if named(o, "tenant", "globex"):
            w.proxy = ("group", "live-group") if self.v7 else ("proxy", "live-proxy-2")
        if "customers" in o.up("tenant", "group"):
            w.groups.add(path("Customers", o.at("tenant", "name")))
            w.tag("customer", o.at("tenant", "name"))

    def by_machine(self, w, kind, o):
        if kind == "vm" and "linux" in o.up("platform"):
            w.templates.add("Linux by Zabbix agent")
        if kind == "vm" and named(o, "cluster", "vsphere*", "nyc*"):
            w.tag("cluster", o.at("cluster", "name"))
            w.field("software", o.at("cluster", "type", "name"))
            w.field("notes", "%s CPUs" % number(o["vcpus"]))
        if named(o, ("cluster", "type"), "k8s"):
            w.groups.add(path("Kubernetes", o.at("cluster", "group", "name")))
            w.macro("{$LIVE.K8S}", self.secrets["LIVE_K8S"], "secret")

    def by_label(self, w, _kind, o):
        tags = {tag["slug"] for tag in o["tags"]}
        if "critical" in tags:
            w.groups.add("Critical")
        if {"critical", "monitored"} <= tags:
            w.tag("critical", "both")
        sla = (o.at("custom_fields", "sla") or None)
        sla = sla.get("value") if isinstance(sla, dict) else sla
        if sla in ("gold", "silver"):
            w.tag("sla", sla)
            services = o.at("custom_fields", "services")
            w.macro("{$LIVE.SLA}", None if services is None else "+".join(
                s["value"] if isinstance(s, dict) else s for s in services))

    def special(self, w, kind, o):
        if is_like(o.at("config_context", "zabbix", "proxy"), "proxy-*"):
            w.field("notes", o.at("config_context", "room"))
        if kind == "device" and "lab" in o.up("site", "group"):
            w.description = "Lab %s" % (o["asset_tag"] or "")
        if o.at("status", "value") == "staged":
            w.state = "monitored"
        if any(tag["slug"] == "live-no-address" for tag in o["tags"]):
            w.state = "skipped"


def plain(kind, o, w, interfaces):
    """The host in the form of checker.actual_form()."""
    macros = {name: value for name, value in w.macros.items()}
    macros["{$ZYNC.OWNER}"] = ("text", "live-netbox:%s:%d" % (kind, o["id"]), None)
    return {"host": w.host, "name": w.name[:NAME_MAX], "status": "disabled" if w.state == "disabled" else "monitored",
            "description": w.description, "groups": sorted(w.groups), "templates": sorted(w.templates),
            "interfaces": sorted(interfaces, key=repr), "proxy": w.proxy, "tags": sorted(w.tags), "macros": macros,
            "inventory_mode": "manual", "inventory": {k: v for k, v in w.inventory.items() if v}}


def expectations(objects, rules):
    """objects in the order of type and id → (hosts by (kind, id), failures {(kind, id): text}, removed, skipped)."""
    hosts, failed, removed, skipped, taken = {}, {}, set(), set(), set()
    for kind, o in sorted(objects, key=lambda pair: (pair[0], pair[1]["id"])):
        key, w = (kind, o["id"]), rules.derive(kind, o)
        if w.state == "removed":
            removed.add(key)
        elif w.state == "skipped" or not w.host:
            skipped.add(key)
        else:
            try:
                interfaces = [make() for make in w.interfaces]
            except Missing as why:
                failed[key] = str(why)
                continue
            w.host = technical_name(w.host, kind, o["id"])
            if w.host in taken:
                w.host = distinguished(w.host, kind, o["id"])
            taken.add(w.host)
            hosts[key] = plain(kind, o, w, interfaces)
    return hosts, failed, removed, skipped
