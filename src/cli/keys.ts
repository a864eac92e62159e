import path from 'node:path';
import { Command, Option } from 'commander';
import type { SignatureAlgorithm } from '../domain/settlement.ts';
import { algorithms, newKey } from '../settle/signing.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  ACTOR_OPTION,
  type CommandContext,
  type StoreOptions,
} from './command.ts';
import { readPublicKeys, writeKeyPair } from './key-files.ts';
import { atDesk } from './settle/desk-work.ts';

interface Options extends StoreOptions {
  json?: boolean;
  actor: string;
}

function createCommand({ io }: CommandContext): Command {
  return new Command('create')
    .description('make a key pair where the party is; opens no store (生成密钥)')
    .requiredOption('--party <code>', 'jurisdiction code of the party (行政区划代码)')
    .requiredOption('--holder <name>', 'who signs with it (持有人)')
    .addOption(
      new Option('--algorithm <name>', 'Ed25519, or SM2 with SM3 (算法)')
        .choices(algorithms)
        .default('ed25519'),
    )
    .option('--out <dir>', 'folder of the two files (输出目录)', 'keys')
    .option(...JSON_OPTION)
    .action(
      (options: {
        party: string;
        holder: string;
        algorithm: SignatureAlgorithm;
        out: string;
        json?: boolean;
      }) => {
        const pair = newKey(options);
        const files = writeKeyPair(path.resolve(io.cwd, options.out), pair);
        if (options.json === true) io.out(`${JSON.stringify({ ...pair.key, ...files })}\n`);
        else
          io.out(
            `${pair.key.keyId}\npublic: ${files.publicFile}\nprivate, for this party only (私钥勿外传): ${files.privateFile}\n`,
          );
      },
    );
}

function publishCommand(context: CommandContext): Command {
  return new Command('publish')
    .description("make a party's public key known to the server (公布公钥)")
    .argument('<file>', '.pub.json file (公钥文件)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action((file: string, options: Options) =>
      atDesk(context, options, async (desk) => {
        for (const key of readPublicKeys(path.resolve(context.io.cwd, file))) {
          await desk.publishKey(key, options.actor);
          context.io.out(`${key.keyId} published for ${key.party} (已公布)\n`);
        }
        return 0;
      }),
    );
}

function revokeCommand(context: CommandContext): Command {
  return new Command('revoke')
    .description('nothing signed with the key is taken any more (吊销公钥)')
    .argument('<keyId>', 'fingerprint (指纹)')
    .requiredOption('--reason <text>', 'why (原因)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action((keyId: string, options: Options & { reason: string }) =>
      atDesk(context, options, async (desk) => {
        await desk.revokeKey({ keyId, reason: options.reason, actor: options.actor });
        context.io.out(`${keyId} revoked (已吊销)\n`);
        return 0;
      }),
    );
}

function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('published keys (公钥清单)')
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      atDesk(context, options, async (desk) => {
        const keys = await desk.store.signingKeys();
        if (options.json === true) context.io.out(`${JSON.stringify(keys)}\n`);
        for (const key of options.json === true ? [] : keys) {
          const state = key.revokedS === null ? 'valid' : `revoked: ${key.revocation ?? ''}`;
          context.io.out(`${key.keyId}  ${key.party}  ${key.algorithm}  ${key.holder}  ${state}\n`);
        }
        return 0;
      }),
    );
}

/** `jiehe keys`: signing keys of the parties. Private keys stay where `create` made them. */
export function keysCommand(context: CommandContext): Command {
  const keys = new Command('keys').description('signing keys of the parties (签名密钥)');
  for (const command of [createCommand, publishCommand, listCommand, revokeCommand])
    keys.addCommand(command(context));
  return keys;
}
