# SPDX-License-Identifier: Apache-2.0
"""Constants of the Zabbix data model, by version: field lengths, item types, object shapes."""

HOST_LENGTHS = {"host": 128, "name": 128, "ipmi_username": 16, "ipmi_password": 20, "tls_issuer": 1024,
                "tls_subject": 1024, "tls_psk_identity": 128, "tls_psk": 512}
IFACE_LENGTHS = {"ip": 64, "dns": 255, "port": 64}
SNMP_LENGTHS = {"community": 64, "securityname": 64, "authpassphrase": 64, "privpassphrase": 64, "contextname": 255}

_INVENTORY = """type:64 type_full:64 name:128 alias:128 os:128 os_full:255 os_short:128 serialno_a:64 serialno_b:64
tag:64 asset_tag:64 macaddress_a:64 macaddress_b:64 hardware:255 hardware_full software:255 software_full
software_app_a:64 software_app_b:64 software_app_c:64 software_app_d:64 software_app_e:64 contact location
location_lat:16 location_lon:16 notes chassis:64 model:64 hw_arch:32 vendor:64 contract_number:64 installer_name:64
deployment_status:64 url_a:255 url_b:255 url_c:255 host_networks host_netmask:39 host_router:39 oob_ip:39
oob_netmask:39 oob_router:39 date_hw_purchase:64 date_hw_install:64 date_hw_expiry:64 date_hw_decomm:64
site_address_a:128 site_address_b:128 site_address_c:128 site_city:128 site_state:64 site_country:64 site_zip:64
site_rack:128 site_notes poc_1_name:128 poc_1_email:128 poc_1_phone_a:64 poc_1_phone_b:64 poc_1_cell:64
poc_1_screen:64 poc_1_notes poc_2_name:128 poc_2_email:128 poc_2_phone_a:64 poc_2_phone_b:64 poc_2_cell:64
poc_2_screen:64 poc_2_notes"""


def inventory_lengths(version):
    """Inventory fields in the server's order with their lengths (0: text)."""
    out = {}
    for word in _INVENTORY.split():
        name, _, length = word.partition(":")
        out[name] = int(length or 0)
    if version >= (6, 4):
        for name in ("url_a", "url_b", "url_c"):
            out[name] = 2048
    return out


IF_AGENT, IF_SNMP, IF_IPMI, IF_JMX = 1, 2, 3, 4
IF_PRIORITY = (IF_AGENT, IF_SNMP, IF_JMX, IF_IPMI)
IF_LOWER = {1: "agent", 2: "SNMP", 3: "IPMI", 4: "JMX"}
IF_TITLE = {1: "Agent", 2: "SNMP", 3: "IPMI", 4: "JMX"}

# Item type to the interface type its items need. "any" wants some interface (6.0) or takes one if there is one (newer).
ITEM_IF = {0: IF_AGENT, 12: IF_IPMI, 16: IF_JMX, 17: IF_SNMP, 20: IF_SNMP, 3: "any", 10: "any", 13: "any", 14: "any",
           19: "opt", 21: "opt"}

# flags of items: plain, low-level discovery rule, item prototype, discovered.
ITEM, RULE, PROTOTYPE, DISCOVERED = 0, 1, 2, 4
ITEM_WORD = {ITEM: "item", RULE: "LLD rule", PROTOTYPE: "item prototype"}

SNMP_DETAIL_FIELDS = ("version", "bulk", "community", "securityname", "securitylevel", "authpassphrase",
                      "privpassphrase", "authprotocol", "privprotocol", "contextname", "max_repetitions")


def host_fields(version):
    """Fields of a host in `output: extend`, in the server's order."""
    if version < (6, 4):
        mid = ["lastaccess"]
        head = ["hostid", "proxy_hostid", "host", "status"]
    else:
        mid = []
        head = ["hostid", "proxy_hostid" if version < (7, 0) else "proxyid", "host", "status"]
    out = head + mid + ["ipmi_authtype", "ipmi_privilege", "ipmi_username", "ipmi_password", "maintenanceid",
                        "maintenance_status", "maintenance_type", "maintenance_from", "name", "flags", "templateid",
                        "description", "tls_connect", "tls_accept", "tls_issuer", "tls_subject"]
    if version < (7, 0):
        out += ["proxy_address", "auto_compress"]
    out += ["custom_interfaces", "uuid"]
    if version >= (6, 4):
        out += ["vendor_name", "vendor_version"]
    if version >= (7, 0):
        out += ["proxy_groupid", "monitored_by"]
    out.append("inventory_mode")
    if version >= (6, 4):
        out.append("active_available")
    if version >= (7, 0):
        out.append("assigned_proxyid")
    return out


# Zabbix 6.2 split host groups from template groups.
SPLIT_GROUPS = (6, 2)
WRITE_ACTIONS = ("create", "update", "delete", "massadd", "massremove", "massupdate", "generate")
