"""OpenStack Swift with its S3 API in one process, for tests: `swift-server.py <folder>`.

Starts an account, a container, an object and a proxy server on free ports of the loopback, keeps everything in the
folder, and prints the port of the proxy. Ends when standard input does, so that it never outlives who started it.
"""

import os
import sys

import eventlet

eventlet.patcher.monkey_patch(all=False, socket=True, select=True, thread=True)

from eventlet import wsgi  # noqa: E402
from swift.account import server as account_server  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402
from swift.container import server as container_server  # noqa: E402
from swift.obj import server as object_server  # noqa: E402

FOLDER = sys.argv[1]
DEVICE = 'disk'

CONFIG = '''
[DEFAULT]
swift_dir = {folder}

[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth copy slo proxy-server

[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
node_timeout = 60

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:gatekeeper]
use = egg:swift#gatekeeper

[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1

[filter:listing_formats]
use = egg:swift#listing_formats

[filter:bulk]
use = egg:swift#bulk

[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin

[filter:s3api]
use = egg:swift#s3api
s3_acl = no
check_bucket_owner = no
dns_compliant_bucket_names = yes

[filter:copy]
use = egg:swift#copy

[filter:slo]
use = egg:swift#slo
'''


def ring(name, port):
    builder = RingBuilder(4, 1, 1)
    builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'weight': 1, 'ip': '127.0.0.1', 'port': port, 'device': DEVICE})
    builder.rebalance()
    builder.get_ring().save(os.path.join(FOLDER, name + '.ring.gz'))


def listen():
    return eventlet.listen(('127.0.0.1', 0))


def main():
    os.makedirs(os.path.join(FOLDER, 'node', DEVICE, 'tmp'))
    utils.HASH_PATH_PREFIX = b'hullcast'
    utils.HASH_PATH_SUFFIX = b'hullcast'
    backends = [('account', account_server.AccountController), ('container', container_server.ContainerController),
                ('object', object_server.ObjectController)]
    sockets = {}
    for name, _ in backends:
        sockets[name] = listen()
        ring(name, sockets[name].getsockname()[1])
    conf = {'devices': os.path.join(FOLDER, 'node'), 'swift_dir': FOLDER, 'mount_check': 'false'}
    for name, controller in backends:
        eventlet.spawn(wsgi.server, sockets[name], controller(dict(conf)), log_output=False)
    path = os.path.join(FOLDER, 'proxy.conf')
    with open(path, 'w') as file:
        file.write(CONFIG.format(folder=FOLDER))
    app = loadapp(path, global_conf={'log_name': 'proxy'})
    proxy = listen()
    eventlet.spawn(wsgi.server, proxy, app, log_output=False)
    print(proxy.getsockname()[1], flush=True)
    eventlet.tpool.execute(sys.stdin.read)


main()
