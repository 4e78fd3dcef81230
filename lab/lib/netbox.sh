# shellcheck shell=bash
netbox_stop() { :; }
