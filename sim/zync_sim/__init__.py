# SPDX-License-Identifier: Apache-2.0
"""A NetBox and a Zabbix of any size in one process, for tests and demos."""
