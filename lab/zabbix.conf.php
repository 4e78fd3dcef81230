<?php
// SPDX-License-Identifier: Apache-2.0
// Configuration of the lab's Zabbix web interfaces; lab/lib/zabbix.sh sets the environment.
$DB['TYPE'] = 'POSTGRESQL';
$DB['SERVER'] = getenv('ZYNC_LAB_PG');
$DB['PORT'] = '0';
$DB['DATABASE'] = getenv('ZYNC_LAB_DATABASE');
$DB['USER'] = getenv('ZYNC_LAB_PG_USER');
$DB['PASSWORD'] = '';
$DB['SCHEMA'] = '';
$DB['ENCRYPTION'] = false;
$DB['KEY_FILE'] = '';
$DB['CERT_FILE'] = '';
$DB['CA_FILE'] = '';
$DB['VERIFY_HOST'] = false;
$DB['CIPHER_LIST'] = '';
$DB['VAULT'] = '';
$DB['VAULT_URL'] = '';
$DB['VAULT_DB_PATH'] = '';
$DB['VAULT_TOKEN'] = '';
$DB['DOUBLE_IEEE754'] = true;

$ZBX_SERVER = '';
$ZBX_SERVER_PORT = '';
$ZBX_SERVER_NAME = getenv('ZYNC_LAB_DATABASE');
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
