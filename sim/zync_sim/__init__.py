"""A NetBox and a Zabbix of any size in one process, for tests and demos."""
