# SPDX-License-Identifier: Apache-2.0
"""What the simulated NetBox holds: tables first, then devices and machines of any number, the same for the same seed."""
import random

EPOCH = 1767225600.0  # 2026-01-01

REGIONS = [("europe", "Europe", None), ("germany", "Germany", "europe"), ("bavaria", "Bavaria / Bayern", "germany"),
           ("ukraine", "Україна", "europe"), ("america", "America", None), ("usa", "United States", "america"),
           ("asia", "Asia & Pacific", None), ("japan", "日本", "asia")]
SITE_GROUPS = [("production", "Production", None), ("datacentre", "Data centres", "production"),
               ("branch", "Branches", "production"), ("test", "Test [lab]", None)]
CITIES = [("ber", "Berlin", "germany", "datacentre"), ("muc", "München Süd", "bavaria", "datacentre"),
          ("kyi", "Київ", "ukraine", "branch"), ("nyc", "New York/NJ", "usa", "datacentre"),
          ("tok", "東京", "japan", "branch"), ("ham", "Hamburg (Hafen)", "germany", "branch"),
          ("dal", "Dallas: TX", "usa", "branch"), ("lab", "Lab & Test", None, "test")]
SITE_STATUS = ["active"] * 12 + ["planned", "staging", "retired"]
MAKERS = ["Cisco", "Juniper", "Arista", "HPE", "Dell", "Fortinet", "MikroTik", "APC"]
PLATFORMS = [("ios", "Cisco IOS", None, 0), ("ios-xe", "Cisco IOS XE", "ios", 0), ("junos", "Junos", None, 1),
             ("eos", "Arista EOS", None, 2), ("linux", "Linux", None, None), ("debian-13", "Debian 13", "linux", None),
             ("windows", "Windows Server", None, None), ("fortios", "FortiOS", None, 5), ("routeros", "RouterOS", None, 6)]
# model, maker, platform, role, weight
TYPES = [("C9300-48P", 0, "ios-xe", "access-switch", 30), ("C9500-24Y4C", 0, "ios-xe", "core-switch", 5),
         ("ISR4331/K9", 0, "ios", "router", 5), ("EX4300-48T", 1, "junos", "access-switch", 12),
         ("MX204", 1, "junos", "router", 3), ("DCS-7050SX3", 2, "eos", "core-switch", 5),
         ("ProLiant DL380 Gen10", 3, "linux", "server", 14), ("PowerEdge R740", 4, "debian-13", "server", 12),
         ("PowerEdge R640 (old)", 4, "windows", "server", 5), ("FortiGate 100F", 5, "fortios", "firewall", 5),
         ("CCR2004-1G-12S+2XS", 6, "routeros", "router", 2), ("Smart-UPS 3000", 7, None, "ups", 2)]
ROLES = [("network", "Network", None), ("access-switch", "Access switch", "network"),
         ("core-switch", "Core switch", "network"), ("router", "Router / Gateway", "network"),
         ("firewall", "Firewall", "network"), ("server", "Server", None), ("web", "Web server", "server"),
         ("db", "Database", "server"), ("ups", "UPS: Power", None)]
TENANT_GROUPS = [("customers", "Customers", None), ("retail", "Retail", "customers"), ("internal", "Internal", None)]
TENANTS = [("acme", "ACME GmbH & Co. KG", "customers"), ("globex", "Globex \"Intl\"", "retail"),
           ("it", "IT department", "internal"), ("loose", "No group", None)]
TAGS = [("critical", "Critical", "f44336"), ("pci", "PCI/DSS", "9c27b0"), ("no-zabbix", "no-zabbix", "9e9e9e"),
        ("backup", "Backup: täglich", "4caf50"), ("dmz", "DMZ", "ff9800")]
CLUSTER_TYPES = [("vmware", "VMware vSphere"), ("proxmox", "Proxmox VE"), ("k8s", "Kubernetes")]
DEVICE_STATUS = ["active"] * 80 + ["offline", "planned", "staged", "failed", "inventory", "decommissioning"] * 3 + [
    "active", "active"]
VM_STATUS = ["active"] * 90 + ["offline", "planned", "staged", "failed", "decommissioning", "paused", "offline",
                               "planned", "failed", "staged"]

ODD_NAMES = [None, "Käse-Öfen-Überwachung", "Straße 7 ß", "маршрутизатор-01", "交换机-北京-03", "sw[01](rack 3){u7}",
             "<b>bold</b> & \"quoted\"", "core/sw1", "core:sw1", "core_sw1", "core sw1", "CORE/SW1", "x" * 64,
             "y" * 63 + "/", "y" * 63 + ":", "Ж" * 64, "-leading-dash", ".leading.dot", "trailing.dot.", "two  spaces",
             "{$MACRO}", "{{ site.name }}", "a,b;c=d", "null", "0", "😀 emoji", "non\u00a0breaking", "back\\slash", None,
             "#hash %percent%", "über.example.net", "Zabbix server"]
DUPLICATES = ["rtr-01", "ups-1", "Überwachung"]


def populate(w, devices, vms, seed):
    Builder(w, seed).build(devices, vms)


class Builder:
    """One filling; `now` is the time of creation of the next object."""

    def __init__(self, w, seed):
        self.w = w
        self.rng = random.Random(seed)
        self.now = EPOCH

    def add(self, path, **values):
        self.now += 0.1
        return self.w[path].new(created=self.now, last_updated=self.now, **values)

    def tree(self, path, rows, **more):
        ids = {}
        for slug, name, parent in [r[:3] for r in rows]:
            ids[slug] = self.add(path, slug=slug, name=name, parent=ids.get(parent), **more).id
        return ids

    def build(self, devices, vms):
        self.references(devices + vms)
        self.extras()
        self.devices(devices)
        self.chassis()
        self.machines(vms)
        self.contexts()
        for t in self.w.tables.values():
            t.gen += 1

    def references(self, hosts):
        self.regions = self.tree("dcim/regions", REGIONS)
        self.groups = self.tree("dcim/site-groups", SITE_GROUPS)
        tg = self.tree("tenancy/tenant-groups", TENANT_GROUPS)
        self.tenants = [self.add("tenancy/tenants", slug=s, name=n, group=tg.get(g)).id for s, n, g in TENANTS]
        # About a site for 250 hosts, at least one a city.
        self.sites = []
        for n in range(max(len(CITIES), min(400, hosts // 250))):
            short, name, region, group = CITIES[n % len(CITIES)]
            number = n // len(CITIES) + 1
            status = SITE_STATUS[n % len(SITE_STATUS)] if number > 1 else "active"
            site = self.add("dcim/sites", slug="%s%d" % (short, number), name="%s %d" % (name, number) if number > 1
                            else name, region=self.regions.get(region), group=self.groups.get(group), status=status,
                            tenant=self.tenants[n % 4] if n % 3 else None, time_zone="Europe/Berlin",
                            physical_address="%d Hauptstraße" % n, latitude=52.5 - n % 40, longitude=13.25 + n % 90,
                            facility="F-%d" % n)
            building = self.add("dcim/locations", slug="building-a", name="Building A", site=site.id, status="active")
            room = self.add("dcim/locations", slug="room-1", name="Room 1.01", site=site.id, parent=building.id,
                            status="active")
            rack = self.add("dcim/racks", name="R%02d" % (n % 50), site=site.id, location=room.id, status="active")
            self.sites.append((site, room.id, rack.id))
        self.roles = self.tree("dcim/device-roles", ROLES, vm_role=True)
        makers = [self.add("dcim/manufacturers", slug=m.lower(), name=m).id for m in MAKERS]
        self.platforms = {}
        for slug, name, parent, maker in PLATFORMS:
            self.platforms[slug] = self.add("dcim/platforms", slug=slug, name=name, parent=self.platforms.get(parent),
                                            manufacturer=None if maker is None else makers[maker]).id
        self.types = []
        for model, maker, platform, role, weight in TYPES:
            slug = "".join(c if c.isalnum() else "-" for c in model.lower()).strip("-")
            t = self.add("dcim/device-types", model=model, slug=slug, manufacturer=makers[maker],
                         default_platform=self.platforms.get(platform), u_height=1.0)
            self.types += [(t.id, self.platforms.get(platform), self.roles[role], role)] * weight
        types = [self.add("virtualization/cluster-types", slug=s, name=n).id for s, n in CLUSTER_TYPES]
        groups = [self.add("virtualization/cluster-groups", slug=s, name=n).id for s, n in
                  (("prod", "Production"), ("lab", "Lab [test]"))]
        self.clusters = []
        for n in range(max(4, min(200, hosts // 500))):
            site = self.sites[n % len(self.sites)][0]
            c = self.add("virtualization/clusters", name="cluster-%02d/%s" % (n + 1, site.slug), type=types[n % 3],
                         group=groups[n % 2], status="active", scope_type="dcim.site" if n % 5 else None,
                         scope_id=site.id if n % 5 else None, site=site.id if n % 5 else None)
            self.clusters.append(c)

    def extras(self):
        self.tags = [self.add("extras/tags", slug=s, name=n, color=c).id for s, n, c in TAGS]
        both = ["dcim.device", "virtualization.virtualmachine"]
        sla = self.add("extras/custom-field-choice-sets", name="SLA", extra_choices=[["gold", "Gold"], ["silver", "Silver"],
                                                                                    ["bronze", "Bronze"]])
        services = self.add("extras/custom-field-choice-sets", name="Services",
                            extra_choices=[["http", "HTTP"], ["dns", "DNS"], ["db", "Database"]])
        for name, kind, more in (("owner_team", "text", {}), ("monitored", "boolean", {}), ("sla", "select",
                                 {"choice_set": sla.id}), ("services", "multiselect", {"choice_set": services.id}),
                                 ("zabbix_hostid", "integer", {}), ("warranty_until", "date", {}),
                                 ("monitoring", "json", {}), ("backup_site", "object",
                                                              {"related_object_type": "dcim.site"})):
            self.add("extras/custom-fields", name=name, label=name.replace("_", " ").capitalize(), type=kind,
                     object_types=both, **more)
        self.add("extras/custom-fields", name="zabbix_template", label="Zabbix template", type="text",
                 object_types=["dcim.devicetype"])

    def decorate(self, n):
        """Tenant, tags, custom fields and local context of the n-th host; often nothing."""
        cf = None
        if n % 4:
            cf = {"owner_team": ("NOC", "Datenbank-Team", "Команда мережі", "web/infra")[n % 4], "monitored": n % 8 != 0}
            if n % 5 == 0:
                cf["sla"] = ("gold", "silver", "bronze")[n % 3]
                cf["services"] = ["http", "dns", "db"][: 1 + n % 3]
            if n % 7 == 0:
                cf["warranty_until"] = "2027-0%d-15" % (1 + n % 9)
                cf["backup_site"] = self.sites[0][0].id
        tags = ()
        if n % 3 == 0:
            tags = (self.tags[n % 5],)
            if n % 9 == 0 and n % 5 != 3:
                tags = (self.tags[n % 5], self.tags[3])
        if n % 50 == 49:
            tags = (self.tags[2],)
        return (self.tenants[n % 4] if n % 5 else None), tags, cf, ({"local": {"number": n}} if n % 40 == 13 else None)

    def address(self, kind, owner, port, text, dns):
        self.now += 0.001
        iface = self.w["dcim/interfaces" if kind == "dcim.interface" else "virtualization/interfaces"]
        if kind == "dcim.interface":
            i = iface.new(device=owner, name=port, type="1000base-t", mgmt_only=port == "mgmt0", created=self.now,
                          last_updated=self.now)
        else:
            i = iface.new(virtual_machine=owner, name=port, created=self.now, last_updated=self.now)
        return i.id

    def ip(self, kind, iface, text, dns):
        return self.w["ipam/ip-addresses"].new(address=text, status="active", assigned_object_type=kind,
                                               assigned_object_id=iface, dns_name=dns, created=self.now,
                                               last_updated=self.now).id

    def addresses(self, kind, row, n, label):
        """n-th host: most have IPv4, some both, some IPv6 only, some out-of-band too, a few none."""
        what = n % 20
        if what == 19:
            return
        iface = self.address(kind, row.id, "mgmt0" if kind == "dcim.interface" else "eth0", "", "")
        dns = "%s.example.net" % label if n % 3 else ""
        if what != 7:
            net = 10 if kind == "dcim.interface" else 11
            row.primary_ip4 = self.ip(kind, iface, "%d.%d.%d.%d/24" % (net, n >> 16 & 255, n >> 8 & 255, n & 255), dns)
        if what in (5, 6, 7):
            row.primary_ip6 = self.ip(kind, iface, "2001:db8:%x:%x::%x/64" % (
                1 if kind == "dcim.interface" else 2, n >> 16, n & 65535), dns)
        if what in (3, 4) and kind == "dcim.interface":
            oob = self.address(kind, row.id, "oob", "", "")
            row.oob_ip = self.ip(kind, oob, "172.%d.%d.%d/16" % (16 + (n >> 16 & 15), n >> 8 & 255, n & 255), "")

    def name(self, n, site, role):
        """Odd names first, then duplicates across sites, then ordinary ones."""
        if n < len(ODD_NAMES):
            return ODD_NAMES[n]
        m = n - len(ODD_NAMES)
        if m < len(DUPLICATES) * 4:
            return DUPLICATES[m // 4]
        if n % 400 == 399:
            return None
        return "%s-%s-%05d" % (site.slug, {"access-switch": "acc", "core-switch": "core", "router": "rtr", "server": "srv",
                                           "firewall": "fw", "ups": "ups"}[role], n)

    def devices(self, count):
        table, rng, sites = self.w["dcim/devices"], self.rng, self.sites
        for n in range(count):
            site, room, rack = sites[n % len(sites)]
            dtype, platform, role, role_name = self.types[rng.randrange(len(self.types))]
            tenant, tags, cf, local = self.decorate(n)
            self.now += 0.001
            m = n - len(ODD_NAMES)
            if 0 <= m < len(DUPLICATES) * 4:
                site, room, rack = sites[m % 4 if m % 4 < len(sites) else 0]
                tenant = None
            status = "active" if n < 40 or n % 100 < 82 else DEVICE_STATUS[n % 100]
            row = table.new(name=self.name(n, site, role_name), device_type=dtype, role=role, platform=platform if n % 11
                            else None, site=site.id, location=room if n % 3 else None, rack=rack if n % 6 == 1 else None,
                            tenant=tenant, tags=tags, custom_fields=cf, local_context_data=local, status=status,
                            serial="SN%07d" % n if n % 4 else "", asset_tag="A-%06d" % n if n % 10 == 0 else None,
                            created=self.now, last_updated=self.now,
                            comments="Line 1\nZeile 2 (%d)" % n if n % 5 == 0 else "")
            self.addresses("dcim.interface", row, n, "d%05d.%s" % (n, site.slug))

    def chassis(self):
        """A chassis for each 200 devices, of two to four access switches of a site; every tenth has no master."""
        table = self.w["dcim/devices"]
        access = [r for r in table.rows.values() if r.id > 60 and r.name and r.role == self.roles["access-switch"]]
        by_site = {}
        for r in access:
            by_site.setdefault(r.site, []).append(r)
        wanted = max(1, len(table.rows) // 200) if access else 0
        made = 0
        for site, rows in by_site.items():
            while len(rows) >= 4 and made < wanted:
                size = 2 + made % 3
                members, rows = rows[:size], rows[size:]
                vc = self.add("dcim/virtual-chassis", name="stack-%03d" % (made + 1), domain="site %d" % site)
                for pos, r in enumerate(members, 1):
                    r.virtual_chassis, r.vc_position, r.vc_priority = vc.id, pos, 255 - pos
                if made % 10 != 9:
                    vc.master = members[0].id
                made += 1

    def machines(self, count):
        table, version = self.w["virtualization/virtual-machines"], self.w.version
        roles = [self.roles["web"], self.roles["db"], self.roles["server"], None]
        platforms = [self.platforms["debian-13"], self.platforms["windows"], self.platforms["linux"], None]
        for n in range(count):
            cluster = self.clusters[n % len(self.clusters)]
            tenant, tags, cf, local = self.decorate(n + 7)
            self.now += 0.001
            name = "vm%05d.example.net" % n
            if n < 8:
                name = [x for x in ODD_NAMES if x][n]
            elif n < 12:
                name = "duplicate-vm"
            site = cluster.scope_id if version >= (4, 2) else cluster.site
            status = "active" if n < 12 else VM_STATUS[n % 100]
            if status == "paused" and version < (4, 1):
                status = "offline"
            row = table.new(name=name, cluster=cluster.id, site=site, role=roles[n % 4], platform=platforms[n % 4],
                            status=status, vcpus=float(1 + n % 8), memory=1024 * (1 + n % 16),
                            disk=20 * (1 + n % 10) * (1 if version < (4, 1) else 1000), tenant=tenant, tags=tags,
                            custom_fields=cf, local_context_data=local, created=self.now, last_updated=self.now)
            self.addresses("virtualization.vminterface", row, n, "vm%05d" % n)

    def contexts(self):
        def add(name, weight, data, **scope):
            self.add("extras/config-contexts", name=name, weight=weight, data=data, is_active=True, **scope)
        add("Everywhere", 100, {"ntp": ["192.0.2.1", "192.0.2.2"], "syslog": {"host": "192.0.2.9", "port": 514}})
        add("Germany", 500, {"language": "de", "ntp": ["192.0.2.11"]}, regions=(self.regions["germany"],))
        add("Role network", 1500, {"zabbix": {"interface_type": 2, "interface_port": 161, "snmp": {
            "version": 2, "community": "{$SNMP_COMMUNITY}", "bulk": 1}}}, roles=(self.roles["network"],))
        add("Role database", 1500, {"zabbix": {"templates": ["ICMP Ping"], "usermacros": {"{$DB.PORT}": "5432"}}},
            roles=(self.roles["db"],))
        add("First site", 2000, {"zabbix": {"proxy": "proxy-fra"}, "room": "Großer Saal"}, sites=(self.sites[0][0].id,))
        add("DMZ", 3000, {"dmz": True, "limits": {"cpu": 0.75, "mem": None}}, tags=("dmz",))
        add("Inactive", 4000, {"never": "seen"})
        list(self.w["extras/config-contexts"].rows.values())[-1].is_active = False
