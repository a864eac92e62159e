#!/usr/bin/env node
// Plain JavaScript that an old Node can parse: it hands over to the pinned Node, else a new enough one, else says what is missing.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

var MINIMUM_MAJOR = 24;
var root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
var cli = path.join(root, 'src', 'cli', 'main.ts');

function pinnedNode() {
  var name = 'node-' + (process.platform === 'win32' ? 'win' : process.platform) + '-' + process.arch;
  var file = path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(file) ? file : null;
}

var node = pinnedNode();
if (node === null && Number(process.versions.node.split('.')[0]) >= MINIMUM_MAJOR) node = process.execPath;
if (node === null) {
  console.error(
    'jiehe needs Node ' +
      MINIMUM_MAJOR +
      ' or newer; this is ' +
      process.version +
      ' and no pinned Node is installed here.\n' +
      'Run "npm ci" in ' +
      root +
      ' (it brings one for Linux and Windows), or install Node ' +
      MINIMUM_MAJOR +
      '.\n' +
      '需要 Node ' +
      MINIMUM_MAJOR +
      ' 或更新版本：请先运行 npm ci。',
  );
  process.exit(2);
}

// What is compiled once is kept beside the packages: later starts take two thirds of the time. Where that folder is not writable, Node goes on without.
var env = Object.assign(
  { NODE_COMPILE_CACHE: path.join(root, 'node_modules', '.cache', 'compiled') },
  process.env,
);
var child = spawn(node, [cli].concat(process.argv.slice(2)), { stdio: 'inherit', env: env });
['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
  process.on(signal, function () {
    child.kill(signal);
  });
});
child.on('exit', function (code, signal) {
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code === null ? 1 : code);
});
