# SPDX-License-Identifier: Apache-2.0
"""What the lab's NetBox is filled with: tables first, then the rules that make devices and virtual machines of them.

Everything derives from these tables, a seed and the two sizes; the same input gives the same objects. References
between objects are by slug or name here; fill_netbox.py turns them into ids. No network in this file.
"""

import ipaddress
import random
import re

# --- tables --------------------------------------------------------------------------------------------------------

# slug, name, parent
REGIONS = [
    ("europe", "Europe", None),
    ("germany", "Germany", "europe"),
    ("bavaria", "Bavaria / Bayern", "germany"),
    ("ukraine", "Україна", "europe"),
    ("americas", "Americas", None),
    ("usa", "United States", "americas"),
    ("brazil", "Brasil", "americas"),
    ("asia-pacific", "Asia: Pacific", None),
]
SITE_GROUPS = [
    ("production", "Production", None),
    ("datacentre", "Data centres", "production"),
    ("branch", "Branch offices", "production"),
    ("lab", "Lab & test", None),
]
# slug, name, region, group, tenant, status, time zone; the slug's first three letters begin the names of its devices
SITES = [
    ("ber1", "Berlin DC1", "germany", "datacentre", "acme", "active", "Europe/Berlin"),
    ("muc1", "München Süd", "bavaria", "datacentre", "acme", "active", "Europe/Berlin"),
    ("kyi1", "Київ-1", "ukraine", "branch", "acme-retail", "active", "Europe/Kyiv"),
    ("nyc1", "New York/NJ [HQ]", "usa", "datacentre", "globex", "active", "America/New_York"),
    ("sao1", "São Paulo", "brazil", "branch", "globex", "active", "America/Sao_Paulo"),
    ("syd1", "Sydney: Harbour (old)", "asia-pacific", "branch", None, "retired", "Australia/Sydney"),
    ("lab1", "Test lab with a name that is exactly as long as NetBox allows it to be: one hundred characters, 0123", None, "lab", None, "staging", None),
    ("xyz1", "Nowhere", None, None, None, "planned", None),
]
# A site has these locations: suffix of the slug, name, suffix of the parent
LOCATIONS = [("bldg", "Building A", None), ("room", "Room 1.01", "bldg"), ("cage", "Cage #3", "room")]

TENANT_GROUPS = [("customers", "Customers", None), ("retail", "Retail", "customers"), ("internal", "Internal", None)]
TENANTS = [("acme", "ACME GmbH & Co. KG", "customers"), ("acme-retail", "ACME Retail", "retail"),
           ("globex", "Globex Corp.", "customers"), ("it", "IT department", "internal"), ("loose", "No group", None)]

# slug, name, parent, for virtual machines
ROLES = [
    ("network", "Network", None, False),
    ("router", "Router", "network", False),
    ("switch", "Switch", "network", False),
    ("access-switch", "Access switch", "switch", False),
    ("core-switch", "Core switch", "switch", False),
    ("firewall", "Firewall", "network", True),
    ("server", "Server", None, True),
    ("hypervisor", "Hypervisor", "server", False),
    ("database", "Database", "server", True),
    ("web", "Web / front end", "server", True),
    ("power", "Power: UPS & PDU", None, False),
    ("camera", "Überwachungskamera", None, False),
]
MANUFACTURERS = [("cisco", "Cisco"), ("juniper", "Juniper"), ("arista", "Arista"), ("fortinet", "Fortinet"),
                 ("dell", "Dell"), ("hpe", "HPE"), ("apc", "APC by Schneider Electric"), ("axis", "Axis")]
PLATFORMS = [  # slug, name, parent, manufacturer
    ("ios", "Cisco IOS", None, "cisco"),
    ("ios-xe", "Cisco IOS XE", "ios", "cisco"),
    ("junos", "Juniper Junos", None, "juniper"),
    ("eos", "Arista EOS", None, "arista"),
    ("fortios", "FortiOS", None, "fortinet"),
    ("linux", "Linux", None, None),
    ("debian-12", "Debian 12", "linux", None),
    ("windows-2022", "Windows Server 2022", None, None),
]
# slug, model, manufacturer, height, roles, platform, Zabbix template (custom field of the device type)
DEVICE_TYPES = [
    ("c9300-48p", "Catalyst 9300-48P", "cisco", 1, ["access-switch"], "ios-xe", "Cisco IOS by SNMP"),
    ("c2960x", "Catalyst 2960X", "cisco", 1, ["access-switch"], "ios", "Cisco IOS by SNMP"),
    ("isr4431", "ISR 4431/K9", "cisco", 1, ["router"], "ios-xe", "Cisco IOS by SNMP"),
    ("ex4300", "EX4300-48T", "juniper", 1, ["access-switch"], "junos", "Juniper by SNMP"),
    ("mx204", "MX204", "juniper", 1, ["router"], "junos", "Juniper by SNMP"),
    ("dcs-7050", "DCS-7050SX3", "arista", 1, ["core-switch"], "eos", "Arista by SNMP"),
    ("fg-100f", "FortiGate 100F", "fortinet", 1, ["firewall"], "fortios", "FortiGate by SNMP"),
    ("r650", "PowerEdge R650", "dell", 1, ["hypervisor", "server"], "debian-12", "Linux by Zabbix agent"),
    ("r750", "PowerEdge R750", "dell", 2, ["database", "server"], "windows-2022", "Windows by Zabbix agent"),
    ("dl380", "ProLiant DL380 Gen10+", "hpe", 2, ["server", "web"], "linux", "Linux by Zabbix agent"),
    ("smt1500", "Smart-UPS 1500", "apc", 2, ["power"], None, "APC Smart-UPS 1500 by SNMP"),
    ("p3245", "P3245-LVE", "axis", 0, ["camera"], None, None),
]

CLUSTER_TYPES = [("proxmox", "Proxmox VE"), ("vmware", "VMware vSphere"), ("k8s", "Kubernetes")]
CLUSTER_GROUPS = [("prod", "Production clusters"), ("test", "Test clusters")]
CLUSTERS = [  # name, type, group, site, status
    ("pve-berlin", "proxmox", "prod", "ber1", "active"),
    ("vSphere München", "vmware", "prod", "muc1", "active"),
    ("nyc/vm:01", "vmware", None, "nyc1", "active"),
    ("k8s-lab", "k8s", "test", "lab1", "staging"),
    ("siteless", "proxmox", None, None, "active"),
]

TAGS = [("critical", "Critical", "f44336"), ("monitored", "Monitored", "4caf50"), ("no-zabbix", "no-zabbix", "9e9e9e"),
        ("dmz", "DMZ", "ff9800"), ("pci", "PCI: in scope", "2196f3"), ("umlaut", "Größe: XL", "673ab7"),
        ("on-call", "on call 24/7", "00bcd4"), ("legacy", "Legacy", "795548")]

CHOICE_SETS = [("Lab SLA", [["gold", "Gold (24/7)"], ["silver", "Silver"], ["bronze", "Bronze"]]),
               ("Lab services", [["http", "HTTP"], ["dns", "DNS"], ["db", "Database"], ["mail", "Mail"]]),
               ("Lab profiles", [["basic", "Basic"], ["full", "Full (all items)"]])]
BOTH = ["dcim.device", "virtualization.virtualmachine"]
# name, type, object types, label, extra members
CUSTOM_FIELDS = [
    ("zabbix_hostid", "integer", BOTH, "Zabbix host id", {}),
    ("zabbix_template", "text", ["dcim.devicetype"], "Zabbix template", {}),
    ("owner_team", "text", BOTH, "Owner (team)", {}),
    ("runbook", "longtext", BOTH, "Runbook", {}),
    ("monitored", "boolean", BOTH, "Monitored", {}),
    ("rack_weight", "decimal", BOTH, "Weight in kg", {}),
    ("warranty_until", "date", BOTH, "Warranty until", {}),
    ("doc_url", "url", BOTH, "Documentation", {}),
    ("sla", "select", BOTH, "SLA", {"choice_set": "Lab SLA"}),
    ("services", "multiselect", BOTH, "Services", {"choice_set": "Lab services"}),
    ("monitoring", "json", BOTH, "Monitoring parameters", {}),
    ("backup_site", "object", BOTH, "Backup site", {"related_object_type": "dcim.site"}),
    ("zabbix_proxy", "text", BOTH + ["dcim.site"], "Zabbix proxy", {}),
    ("zabbix_proxy_group", "text", BOTH + ["dcim.site"], "Zabbix proxy group", {}),
    ("monitoring_profile", "select", BOTH, "Monitoring profile", {"choice_set": "Lab profiles"}),
    ("backup_sites", "multiobject", BOTH, "Backup sites", {"related_object_type": "dcim.site"}),
    ("console_server", "object", BOTH, "Console server", {"related_object_type": "dcim.device"}),
    ("neighbours", "multiobject", ["dcim.device"], "Neighbours", {"related_object_type": "dcim.device"}),
]

# name, weight, scope member, slugs (clusters: names), data
CONFIG_CONTEXTS = [
    ("Everywhere", 100, None, [], {"ntp": ["192.0.2.1", "192.0.2.2"], "syslog": {"host": "192.0.2.9", "port": 514}}),
    ("Region Germany", 500, "regions", ["germany"], {"language": "de", "ntp": ["192.0.2.11"]}),
    ("Site Berlin", 1000, "sites", ["ber1"], {"zabbix": {"proxy": "proxy-berlin"}, "room": "Großer Saal"}),
    ("Site group lab", 1000, "site_groups", ["lab"], {"zabbix": {"proxy_group": "lab proxies"}}),
    ("Role network", 1500, "roles", ["router", "core-switch", "access-switch", "firewall"],
     {"zabbix": {"interface_type": 2, "interface_port": 161,
                 "snmp": {"version": 2, "community": "{$SNMP_COMMUNITY}", "bulk": 1}}}),
    ("Role power", 1500, "roles", ["power"],
     {"zabbix": {"interface_type": 2, "interface_port": 161, "templates": ["APC Smart-UPS 1500 by SNMP"],
                 "snmp": {"version": 3, "securityname": "monitor", "securitylevel": 2, "authprotocol": 1,
                          "authpassphrase": "{$SNMP_AUTH}", "privprotocol": 1, "privpassphrase": "{$SNMP_PRIV}"}}}),
    ("Role database", 1500, "roles", ["database"],
     {"zabbix": {"templates": ["ICMP Ping"], "usermacros": {"{$DB.PORT}": "5432",
                                                            "{$DB.USER}": {"value": "zbx", "type": "text"}}}}),
    ("Platform Windows", 2000, "platforms", ["windows-2022"], {"zabbix": {"interface_port": 10050}, "winrm": True}),
    ("Tenant Globex", 2500, "tenants", ["globex"], {"support": "support@example.org", "zabbix": {"tls": "none"}}),
    ("Tag DMZ", 3000, "tags", ["dmz"], {"dmz": True, "limits": {"cpu": 0.75, "mem": None}}),
    ("Cluster type K8s", 3000, "cluster_types", ["k8s"], {"kubernetes": {"version": "1.33"}}),
]

# name of the chassis, site, members, whether it has a master
VIRTUAL_CHASSIS = [("ber1-stack-01", "ber1", 4, True), ("Stack/München: A", "muc1", 3, True),
                   ("nyc1-stack-01", "nyc1", 2, True), ("kyi1-stack-headless", "kyi1", 2, False)]

# What only the special devices at the end use: a rack with a role, a number of a network, a VRF, custom fields of a site.
RACK = {"name": "special-rack", "site": "xyz1", "role": ("lab-rack", "Lab rack", "3f51b5")}
ASN = {"rir": ("lab-rir", "Lab RIR"), "asn": 64999, "site": "xyz1"}
VRF = ("lab-red", "65000:1")
SITE_FIELDS = {"xyz1": {"zabbix_proxy": "site-proxy", "zabbix_proxy_group": "site-proxy-group"}}

SNMP3 = {"version": 3, "securityname": "monitor", "securitylevel": 2, "authprotocol": 1, "authpassphrase": "{$SNMP_AUTH}",
         "privprotocol": 1, "privpassphrase": "{$SNMP_PRIV}", "contextname": "ctx"}
# name of the device (behind "ctx-"), its key `zabbix` in the config context: every key that netbox-zabbix-sync knows, and what is wrong with it
CONTEXT_CASES = [
    ("templates-text", {"templates": "ICMP Ping"}),
    ("templates-list", {"templates": ["ICMP Ping", "Linux by Zabbix agent"]}),
    ("proxy", {"proxy": "context-proxy"}),
    ("proxy-group", {"proxy_group": "context-group", "proxy": "context-proxy"}),
    ("type-1", {"interface_type": 1, "interface_port": 10099}),
    ("type-2", {"interface_type": 2, "interface_port": 1161, "snmp": {"version": 2}}),
    ("type-3", {"interface_type": 3, "ipmi": {"username": "ADMIN", "password": "{$IPMI}", "authtype": "rmcp+", "privilege": "operator"}}),
    ("type-4", {"interface_type": 4, "interface_port": 12346}),
    ("type-agent", {"interface_type": "agent"}),
    ("type-snmp", {"interface_type": "snmp", "snmp": {"version": 1, "community": "public", "bulk": 0}}),
    ("type-ipmi", {"interface_type": "ipmi", "ipmi": {"username": "ADMIN", "password": "secret"}}),
    ("type-jmx", {"interface_type": "jmx"}),
    ("port-alone", {"interface_port": 10051}),
    ("snmp-1", {"interface_type": 2, "snmp": {"version": 1, "community": "{$SNMP_COMMUNITY}", "bulk": 0}}),
    ("snmp-2", {"interface_type": 2, "snmp": {"version": 2, "community": "private", "bulk": 1}}),
    ("snmp-3", {"interface_type": 2, "snmp": SNMP3}),
    ("snmp-3-few", {"interface_type": 2, "snmp": {"version": 3, "securityname": "monitor"}}),
    ("snmp-text", {"interface_type": 2, "snmp": {"version": "2", "community": "{$SNMP_COMMUNITY}"}}),
    ("snmp-none", {"interface_type": 2}),
    ("snmp-no-version", {"interface_type": 2, "snmp": {"community": "public"}}),
    ("usermacros", {"usermacros": {"{$TEXT}": "value", "{$NUMBER}": 5, "{$EMPTY}": "", "{$PLAIN}": {"value": "x"},
                                   "{$SECRET}": {"type": "secret", "value": "s3cret", "description": "of the context"},
                                   "{$VAULT}": {"type": "vault", "value": "secret/zabbix:key"}, "{$CTX:\"/var\"}": {"value": "80", "type": "text"}}}),
    ("tags", {"tags": [{"service": "web"}, {"Owner": "NOC", "b": "2"}, {"empty": ""}]}),
    ("description", {"description": "Host of {owner}, since {datetime}"}),
    ("address", {"interface_ip": "192.0.2.55", "interface_dns": "ctx.example.net"}),
    ("address-dns", {"interface_dns": "only-dns.example.net"}),
    ("oob", {"oob_interface_type": "ipmi", "oob_interface_port": 624, "oob_interface_ip": "192.0.2.56", "oob_interface_dns": "bmc.example.net",
             "ipmi": {"username": "ADMIN", "password": "{$IPMI}"}}),
    ("oob-snmp", {"oob_interface_type": 2, "oob_interface_port": 161, "snmp": SNMP3}),
    ("ipmi-half", {"interface_type": 3, "ipmi": {"username": "ADMIN"}}),
    ("ipmi-words", {"interface_type": 3, "ipmi": {"username": "a", "password": "b", "authtype": "OEM", "privilege": "king"}}),
    ("wrong-types", {"templates": 5, "proxy_group": 7, "interface_type": [1], "interface_port": {"a": 1}, "snmp": "2", "usermacros": ["{$A}"],
                     "tags": {"a": "b"}, "description": {"x": 1}, "interface_ip": 3, "ipmi": []}),
    ("wrong-values", {"templates": ["No such template"], "interface_type": 9, "interface_port": 99999, "snmp": {"version": 4},
                      "usermacros": {"no-macro": "x", "{$lower}": "y", "{$BAD}": {"type": "hidden", "value": "z"}}, "tags": ["text", 5]}),
    ("not-an-object", "text"),
    ("null", None),
]

NAME_MAX = 64  # of NetBox, for devices and virtual machines alike

# Names that need care: in Zabbix's technical name only letters, digits, dots, dashes, underscores and inner spaces are
# legal. Groups of names in one list collide with each other when every other character is replaced by one and the same.
ODD_NAMES = [
    "Käse-Öfen-Überwachung", "Straße 7 ß", "маршрутизатор-01", "Комутатор ІІІ поверх", "交换机-北京-03", "خادم-01",
    "ルーター１", "café-é-composed", "cafe\u0301-e\u0301-decomposed", "sw[01](rack 3){u7}", "<b>bold</b> & \"quoted\"", "it's",
    "back\\slash", "#hash %percent% $dollar", "{$MACRO}", "{{ site.name }}", "a,b;c=d", "star*?", ".leading.dot",
    "-leading-dash", "_under_", "trailing-dash-", "trailing.dot.", "(bracketed)", "two  spaces", "tab-free | pipe",
    "non\u00a0breaking", "zero\u200bwidth", "null", "0", "-1", "true", "@at", "über.example.net", "UPPER.lower",
    "ends with colon:", ":begins with colon", "/begins/and/ends/", "😀 emoji", "~tilde^caret`", "+plus+",
]
COLLIDING_NAMES = [
    ["core/sw", "core:sw", "core\\sw", "core|sw", "core_sw", "core(sw"],
    ["Größe", "Gr??e", "Gr__e", "Gröse"],
    ["роутер", "router", "ROUTER.", "router_"],
    ["x" * NAME_MAX, "x" * (NAME_MAX - 1) + "/", "x" * (NAME_MAX - 1) + ":"],
    ["Ж" * NAME_MAX, "Ж" * (NAME_MAX - 1) + "Щ"],
    ["web 1", "web\u00a01", "web_1", "web-1"],
]
DUPLICATE_NAMES = ["rtr-01", "ups-1", "Überwachung"]  # each at several sites

DEVICE_STATUSES = ["offline", "planned", "staged", "failed", "inventory", "decommissioning", "active"]
VM_STATUSES = ["offline", "planned", "staged", "failed", "decommissioning", "active"]
VM_STATUSES_45 = ["paused"]  # known to NetBox 4.5 and newer

UNNAMED_DEVICES = 8
# How devices and machines are addressed, and how many of a hundred: primary addresses, and o for out of band.
ADDRESSING = [("4", 50), ("46", 24), ("6", 10), ("4o", 10), ("46o", 6)]
ODD_ADDRESSING = ["4", "46", "6", "4o", "", "o"]

# --- objects -------------------------------------------------------------------------------------------------------


def slugify(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


class Machines:
    """Devices and virtual machines as plain records.

    A record has: kind (device or vm), key (unique), name, status, site, role, tenant, platform, tags, custom_fields,
    addressing (characters 4, 6, o), number (for its addresses), dns (bool), and device_type, location, asset_tag,
    chassis and position, or cluster.
    """

    def __init__(self, seed, devices, vms, version):
        self.random = random.Random(seed)
        self.version = version
        self.devices = []
        self.vms = []
        self._make_devices(devices)
        self._make_vms(vms)
        self._make_special()

    def _device(self, name, site, status, addressing, role=None, **more):
        number = len(self.devices) + 1
        choices = [row for row in DEVICE_TYPES if role is None or role in row[4]]
        slug, _, _, _, roles, platform, _ = choices[number % len(choices)]
        record = {
            "kind": "device", "key": f"ZL-{number:05d}", "asset_tag": f"ZL-{number:05d}", "number": number,
            "name": name, "site": site, "status": status, "addressing": addressing,
            "device_type": slug, "role": role or roles[number % len(roles)],
            "platform": platform if number % 11 else None, "location": None,
        }
        self._decorate(record)
        if number % 3:
            record["location"] = f"{site}-{LOCATIONS[number % len(LOCATIONS)][0]}"
        record.update(more)
        self.devices.append(record)

    def _vm(self, name, cluster, status, addressing):
        number = len(self.vms) + 1
        roles = [row[0] for row in ROLES if row[3]]
        record = {
            "kind": "vm", "key": (cluster, name), "number": number, "name": name, "cluster": cluster,
            "site": next(row[3] for row in CLUSTERS if row[0] == cluster), "status": status,
            "addressing": addressing.replace("o", ""), "role": roles[number % len(roles)] if number % 9 else None,
            "platform": ["debian-12", "linux", "windows-2022", None][number % 4],
        }
        self._decorate(record)
        self.vms.append(record)

    def _decorate(self, record):
        """Tenant, tags, custom fields, comments: spread so that every combination with nothing set occurs too."""
        pick, number = self.random, record["number"]
        record["tenant"] = [None, "acme", "globex", "it", "acme-retail", "loose"][number % 6]
        record["tags"] = sorted(pick.sample([row[0] for row in TAGS], number % 4))
        record["dns"] = number % 3 != 0
        fields = {}
        if number % 4:
            fields["owner_team"] = ["NOC", "Datenbank-Team", "Команда мережі", "web/infra"][number % 4]
            fields["monitored"] = number % 8 != 0
        if number % 5 == 0:
            fields["sla"] = ["gold", "silver", "bronze"][number % 3]
            fields["services"] = sorted(pick.sample(["http", "dns", "db", "mail"], 1 + number % 3))
        if number % 6 == 0:
            fields["monitoring"] = {"interval": 30 + number, "ports": [22, 443], "nested": {"a": None, "b": [1.5, "ü"]}}
            fields["rack_weight"] = 10.25 + number
        if number % 7 == 0:
            fields["backup_site"] = SITES[number % len(SITES)][0]
            fields["warranty_until"] = f"20{26 + number % 5}-0{1 + number % 9}-15"
            fields["doc_url"] = f"https://docs.example.org/{number}?q=a&b=c"
        if number % 10 == 0:
            fields["runbook"] = f"# Runbook {number}\n\n1. Schritt: *prüfen*\n2. \"neu starten\"\n"
        record["custom_fields"] = fields
        record["comments"] = "" if number % 5 else f"Line 1\nZeile 2 ({number})"

    def _make_devices(self, total):
        sites = [row[0] for row in SITES]
        for index, name in enumerate(ODD_NAMES):
            self._device(name, sites[index % 6], "active", ODD_ADDRESSING[index % 3])
        for group in COLLIDING_NAMES:
            for index, name in enumerate(group):
                self._device(name, sites[index % 2], "active", "4")
        for name in DUPLICATE_NAMES:
            for site in sites[:4]:
                self._device(name, site, "active", "46", role="router")
        for status in DEVICE_STATUSES:
            for addressing in ODD_ADDRESSING[:5]:
                self._device(f"status-{status}-{addressing or 'none'}", "lab1", status, addressing)
        for index in range(UNNAMED_DEVICES):
            self._device(None, sites[index % 4], "active", ODD_ADDRESSING[index % len(ODD_ADDRESSING)])
        for index, addressing in enumerate(ODD_ADDRESSING * 2):
            self._device(f"addr-{addressing or 'none'}-{index}", sites[index % 5], "active", addressing)
        for chassis, site, members, _ in VIRTUAL_CHASSIS:
            for position in range(1, members + 1):
                self._device(f"{chassis}-{position}", site, "active", "4" if position == 1 else "",
                             role="access-switch", chassis=chassis, position=position)
        regular = [("acc-sw", "access-switch"), ("core-sw", "core-switch"), ("rtr", "router"), ("fw", "firewall"),
                   ("srv", "server"), ("hv", "hypervisor"), ("db", "database"), ("ups", "power"), ("cam", "camera")]
        while len(self.devices) < total:
            index = len(self.devices)
            site = sites[self.random.choice([0, 0, 0, 1, 1, 2, 3, 3, 4])]
            short, role = self.random.choice(regular)
            status = "active" if index % 40 else self.random.choice(DEVICE_STATUSES)
            self._device(f"{site}-{short}-{index:03d}", site, status, self._addressing(), role=role)

    def _make_vms(self, total):
        clusters = [row[0] for row in CLUSTERS]
        for index, name in enumerate(ODD_NAMES[:12]):
            # The same names as devices: Zabbix knows only one kind of host.
            self._vm(name, clusters[index % len(clusters)], "active", ODD_ADDRESSING[index % 3])
        self._vm("v" * NAME_MAX, clusters[0], "active", "4")
        self._vm("Ю" * NAME_MAX, clusters[0], "active", "6")
        for cluster in clusters:
            self._vm("duplicate-vm", cluster, "active", "4")
        for status in VM_STATUSES + (VM_STATUSES_45 if self.version >= (4, 5) else []):
            self._vm(f"vm-status-{status}", "k8s-lab", status, "4")
        self._vm("vm-without-address", clusters[1], "active", "")
        while len(self.vms) < total:
            index = len(self.vms)
            cluster = self.random.choice(clusters[:3])
            self._vm(f"vm-{self.random.choice(['web', 'db', 'app', 'dns'])}-{index:03d}.example.net", cluster, "active",
                     self._addressing())

    def _special(self, name, addressing="4", fields=None, context=None, ports=(), **more):
        """A device at the end, plain but for what it is there for; nothing of it comes from the generator, so that the others stay what they are.

        ports: more addresses, (interface, address with mask, DNS name, members of the address, members of the interface).
        """
        number = len(self.devices) + 1
        self.devices.append({
            "kind": "device", "key": f"ZL-{number:05d}", "asset_tag": f"ZL-{number:05d}", "number": number, "name": name, "site": "muc1",
            "status": "active", "addressing": addressing, "device_type": "r650", "role": "server", "platform": None, "location": None,
            "tenant": None, "tags": [], "dns": True, "comments": "", "custom_fields": fields or {}, "context": context, "ports": ports,
            "special": True, **more})

    def _make_special(self):
        """Devices for single features. Appended behind all others, whatever the sizes."""
        for name, value in CONTEXT_CASES:
            self._special("ctx-" + name, context={"zabbix": value})
        self._special("ports-many", "46o", ports=[
            ("eth10", "10.200.0.10/24", "eth10.example.net", {}, {}), ("eth2", "10.200.0.2/24", "", {"status": "reserved"}, {}),
            ("eth2", "2001:db8:200::2/64", "", {}, {}), ("vlan1", "10.200.1.1/24", "", {"role": "vip"}, {"type": "virtual"}),
            ("loopback0", "10.200.2.1/32", "lo.example.net", {"role": "loopback", "vrf": VRF[0]}, {"type": "virtual"}),
            ("mgmt1", "10.200.3.1/24", "", {}, {"mgmt_only": True})])
        self._special("oob-4", "4o", oob="172.31.0.1/24")
        self._special("oob-6", "6o", oob="2001:db8:31::1/64")
        # The device of a virtual device context, which has a primary address of its own.
        self._special("vdc-core", ports=[("vdc0", "10.200.4.1/24", "inner.example.net", {}, {"type": "virtual", "vdc": "vdc-inner"})], vdc="vdc-inner")
        # Interfaces that share the address of an FHRP group.
        self._special("fhrp-1", fhrp="10.200.5.1/24")
        self._special("rack-mounted", site="xyz1", rack=True, position=7, face="front")
        self._special("fields-proxy", fields={"zabbix_proxy": "field-proxy"})
        self._special("fields-group", fields={"zabbix_proxy_group": "field-group", "zabbix_proxy": "field-proxy"})
        self._special("fields-site-proxy", site="xyz1")
        self._special("fields-profile", fields={"monitoring_profile": "full", "sla": "bronze", "services": ["db", "http"]})
        self._special("fields-objects", fields={"backup_site": "ber1", "backup_sites": ["kyi1", "nyc1"], "console_server": "ports-many",
                                                "neighbours": ["oob-4", "oob-6"]})
        self._special("fields-all", fields={
            "owner_team": "NOC", "runbook": "# Runbook\n\n*steps*", "monitored": False, "rack_weight": 12.5, "warranty_until": "2030-01-31",
            "doc_url": "https://docs.example.org/all", "monitoring": {"interval": 60, "ports": [22], "nested": {"a": None}},
            "monitoring_profile": "basic", "services": ["dns"], "backup_site": "nyc1"})

    def _addressing(self):
        return self.random.choices([row[0] for row in ADDRESSING], [row[1] for row in ADDRESSING])[0]

    def good(self):
        """How many hosts a usual configuration monitors: active, with a name and a primary address."""
        return sum(1 for record in self.devices + self.vms
                   if record["status"] == "active" and record["name"] and set(record["addressing"]) & {"4", "6"})


def addresses(record):
    """The addresses of a record: (member of the device or machine, interface, address with mask, DNS name)."""
    offset = record["number"] + (0 if record["kind"] == "device" else 1 << 15)
    # Readable in the network of the machine's kind; DNS names are made of ASCII only.
    label = slugify(record["name"] or record["key"])[:50].strip("-")
    dns = f"{label}-{offset}.{record['site'] or 'nowhere'}.example.net" if record["dns"] else ""
    port = "mgmt0" if record["kind"] == "device" else "eth0"
    result = []
    if "4" in record["addressing"]:
        result.append(("primary_ip4", port, f"{ipaddress.IPv4Address('10.0.0.0') + offset}/16", dns))
    if "6" in record["addressing"]:
        result.append(("primary_ip6", port, f"{ipaddress.IPv6Address('2001:db8::') + offset}/64", dns))
    if "o" in record["addressing"]:
        result.append(("oob_ip", "oob0", record.get("oob", f"{ipaddress.IPv4Address('172.16.0.0') + offset}/16"), ""))
    return result
