# SPDX-License-Identifier: Apache-2.0
"""Host interfaces: validation and replacement rules of the real server, step by step in its order."""
import ipaddress
import re

from .zbx_input import (APP, NO_OBJECT, PARAM, ApiError, db_int, db_lengths, is_array, is_id, is_int, php_error, php_str,
                        sql_failed)
from .zbx_model import Iface
from .zbx_schema import DISCOVERED, IF_LOWER, IF_SNMP, IFACE_LENGTHS, ITEM, SNMP_LENGTHS

ARGS = "Incorrect arguments passed to function."
ALLOWED = {"hostid", "type", "ip", "dns", "port", "useip", "main", "details", "interface_ref", "items", "interfaceid"}
_MACRO = re.compile(r"\{\$[A-Z0-9_.]+(:[^}]*)?\}|\{#[A-Z0-9_.]+\}|\{[A-Z.]+[0-9]?\}")
_DNS = re.compile(r"[0-9A-Za-z_](([0-9A-Za-z_\-]|\.(?!\.))*[0-9A-Za-z_])?\.?")


def wrong(text=ARGS):
    return ApiError(PARAM, text)


def _has_macro(value):
    return _MACRO.search(value) is not None


def _ip_ok(value):
    if _MACRO.fullmatch(value):
        return True
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return "%" not in value


def _dns_ok(value, version):
    plain = _MACRO.sub("m", value)
    if version >= (6, 4) and len(value) > 255:
        return False
    return _DNS.fullmatch(plain) is not None


def _port_ok(value):
    s = str(value)
    if _MACRO.fullmatch(s):
        return True
    return re.fullmatch(r"[0-9]{1,5}", s) is not None and int(s) <= 65535


def _check_values(f, host_name, version):
    for name in ("ip", "dns"):
        if is_array(f[name]):
            raise php_error(version, "substr(): Argument #1 ($string) must be of type string, array given")
        f[name] = php_str(f[name])
    ip, dns = f["ip"], f["dns"]
    if ip == "" and dns == "":
        raise wrong("IP and DNS cannot be empty for host interface.")
    if str(f["useip"]) == "1" and ip == "":
        raise wrong('Interface with DNS "%s" cannot have empty IP address.' % dns)
    if str(f["useip"]) == "0" and dns == "":
        if host_name:
            raise wrong('Interface with IP "%s" cannot have empty DNS name while having "Use DNS" property on "%s".'
                        % (ip, host_name))
        raise wrong('Interface with IP "%s" cannot have empty DNS name.' % ip)
    if dns != "" and not _dns_ok(dns, version):
        raise wrong('Incorrect interface DNS parameter "%s" provided.' % dns)
    if ip != "" and not _ip_ok(ip):
        raise wrong('Invalid IP address "%s".' % ip)
    if f.get("port") in (None, "", False, [], {}):
        raise wrong("Port cannot be empty for host interface.")
    if not _port_ok(f["port"]):
        raise wrong('Incorrect interface port "%s" provided.' % f["port"])


def _in(details, name, allowed):
    return name not in details or str(details[name]) in allowed


def check_snmp(type_, details, version):
    if type_ != IF_SNMP:
        return
    if not isinstance(details, dict) or str(details.get("version")) not in ("1", "2", "3"):
        raise wrong()
    if any(is_array(x) for x in details.values()):
        raise php_error(version, "mb_strlen(): Argument #1 ($string) must be of type string, array given")
    v = int(details["version"])
    if v != 3 and details.get("community", "") == "":
        raise wrong()
    if version >= (6, 4) and v != 1 and "max_repetitions" in details and not (
            is_int(details["max_repetitions"]) and 1 <= int(details["max_repetitions"]) <= 2147483647):
        raise wrong()
    if not _in(details, "bulk", ("0", "1")):
        raise wrong("Incorrect bulk value for interface.")
    if v == 3 and not (_in(details, "securitylevel", ("0", "1", "2"))
                       and _in(details, "authprotocol", ("0", "1", "2", "3", "4", "5"))
                       and _in(details, "privprotocol", ("0", "1", "2", "3", "4", "5"))):
        raise wrong()


def clean_details(details):
    """Only the fields that belong to the SNMP version, the rest at its default."""
    v = int(details["version"])
    d = {"version": str(v), "bulk": str(details.get("bulk", 1))}
    if v == 3:
        for name, default in (("securityname", ""), ("securitylevel", "0"), ("authpassphrase", ""),
                              ("privpassphrase", ""), ("authprotocol", "0"), ("privprotocol", "0"),
                              ("contextname", "")):
            d[name] = str(details.get(name, default))
    else:
        d["community"] = str(details["community"])
    d["max_repetitions"] = str(details.get("max_repetitions", 10)) if v != 1 else "10"
    db_lengths(d, SNMP_LENGTHS)
    return d


def shown_details(details, version):
    """The details as the API returns them."""
    if not details:
        return []
    d = dict(details)
    if d["version"] == "1" or version < (6, 4):
        d.pop("max_repetitions", None)
    return d


def _plain_list(value):
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list) or not all(isinstance(i, dict) for i in value):
        raise wrong()
    return value


def check_main(version, host, entries):
    """`entries`: (type, main) of all interfaces the host will have."""
    count = {}
    for type_, main in entries:
        type_ = db_int(version, "type", type_)
        c = count.setdefault(type_, [0, 0])
        c[0 if db_int(version, "main", main) else 1] += 1
    for type_, (main, other) in count.items():
        if other and not main:
            raise wrong('No default interface for "%s" type on "%s".' % (IF_LOWER.get(type_, "unknown"), host.name))
        if main > 1:
            raise wrong("Host cannot have more than one default interface of the same type.")


def _check_new(host, entry, version):
    if version >= (6, 4) and set(entry) - ALLOWED:
        raise wrong()
    for name in ("ip", "dns", "useip", "port", "main"):
        if name not in entry:
            raise wrong()
    if entry.get("type") is None:
        raise wrong()
    db_int(version, "type", entry["type"])
    _check_values(dict(entry), host.host, version)


def _build(world, entry):
    i = Iface()
    i.interfaceid = world.next_id("interface")
    i.type, i.main, i.useip = (db_int(world.version, f, entry[f]) for f in ("type", "main", "useip"))
    i.ip, i.dns, i.port = (php_str(entry[f]) for f in ("ip", "dns", "port"))
    db_lengths({"ip": i.ip, "dns": i.dns, "port": i.port}, IFACE_LENGTHS)
    i.details = clean_details(entry["details"]) if i.type == IF_SNMP else None
    return i


def add(world, host, value):
    """New interfaces beside those the host has: host.create and host.massadd."""
    entries = _plain_list(value)
    for e in entries:
        _check_new(host, e, world.version)
    for e in entries:
        check_snmp(int(e["type"]), e.get("details"), world.version)
    check_main(world.version, host, [(i.type, i.main) for i in host.ifaces] + [(e["type"], e["main"]) for e in entries])
    host.ifaces += [_build(world, e) for e in entries]


def check_unused(world, host, interfaceid, deletes):
    """Before an interface is deleted or gets another type. Only items are looked for; what else uses one that is
    deleted, rules and prototypes, is found by the database."""
    item = world.iface_item(host, interfaceid)
    if item is not None and item.flags in (ITEM, DISCOVERED):
        raise wrong('Interface is linked to item "%s" on "%s".' % (item.name, host.name))
    if item is not None and deletes:
        raise sql_failed(world.version, "DELETE FROM interface WHERE interfaceid='%d'" % interfaceid)


def replace(world, host, value):
    """host.update: entries with an id change in place, those without are new, those left out go."""
    if value is None:
        return
    entries = _plain_list(value)
    version = world.version
    have = {i.interfaceid: i for i in host.ifaces}
    known = []
    for e in entries:
        ident = int(e["interfaceid"]) if is_id(e.get("interfaceid")) else None
        if is_array(e.get("interfaceid")):
            raise php_error(version, "Illegal offset type")
        if "interfaceid" in e:
            if "type" in e and "main" in e:
                known.append((e["type"], e["main"]))
                continue
            found = have.get(ident) or find_iface(world, ident)
            if found is None:
                raise ApiError(APP, NO_OBJECT)
            known.append((found.type, found.main))
        elif e.get("type") is None or e.get("main") is None:
            raise wrong()
        else:
            known.append((e["type"], e["main"]))
    check_main(version, host, known)
    updates = [(have[int(e["interfaceid"])], e) for e in entries
               if "interfaceid" in e and is_id(e["interfaceid"]) and int(e["interfaceid"]) in have]
    for old, e in updates:
        _check_update(world, host, old, e)
    for old, e in updates:
        _apply_update(old, e, version)
    fresh = [e for e in entries if "interfaceid" not in e]
    for e in fresh:
        _check_new(host, e, version)
    for e in fresh:
        check_snmp(int(e["type"]), e.get("details"), version)
    kept = {old.interfaceid for old, _ in updates}
    gone = [i for i in host.ifaces if i.interfaceid not in kept]
    built = [_build(world, e) for e in fresh]
    for i in gone:
        check_unused(world, host, i.interfaceid, deletes=True)
    host.ifaces = [i for i in host.ifaces if i.interfaceid in kept] + built
    check_main(version, host, [(i.type, i.main) for i in host.ifaces])


def find_iface(world, ident):
    """An interface of any host."""
    h = world.hosts.get(world.by_iface.get(ident))
    return next((i for i in h.ifaces if i.interfaceid == ident), None) if h else None


def _check_update(world, host, old, e):
    if world.version >= (6, 4) and set(e) - ALLOWED:
        raise wrong()
    merged = {"ip": old.ip, "dns": old.dns, "useip": old.useip, "port": old.port}
    merged.update({k: e[k] for k in merged if k in e})
    _check_values(merged, host.host, world.version)
    for name in ("type", "main", "useip"):
        if name in e:
            db_int(world.version, name, e[name])
    if "type" in e and int(e["type"]) != old.type:
        check_unused(world, host, old.interfaceid, deletes=False)


def _apply_update(old, e, version):
    for name in ("type", "main", "useip"):
        if name in e:
            setattr(old, name, int(e[name]))
    for name in ("ip", "dns", "port"):
        if name in e:
            setattr(old, name, php_str(e[name]))
    db_lengths({"ip": old.ip, "dns": old.dns, "port": old.port}, IFACE_LENGTHS)
    if old.type != IF_SNMP:
        old.details = None
        return
    details = dict(old.details or {})
    if isinstance(e.get("details"), dict):
        details.update(e["details"])
    check_snmp(old.type, details, version)
    old.details = clean_details(details)
