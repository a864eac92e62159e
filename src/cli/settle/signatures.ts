import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import type { SignaturePurpose } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { StatementSignature } from '../../domain/settlement.ts';
import { signStatement } from '../../settle/signing.ts';
import { type Verification, verifyBundle } from '../../settle/verify.ts';
import {
  CONFIG_OPTION,
  DATA_OPTION,
  JSON_OPTION,
  ACTOR_OPTION,
  type CommandContext,
  type StoreOptions,
} from '../command.ts';
import { readKeyPair, readPublicKeys } from '../key-files.ts';
import { atDesk } from './desk-work.ts';

function readBytes(cwd: string, name: string): Buffer {
  try {
    return readFileSync(path.resolve(cwd, name));
  } catch (cause) {
    throw new MonitorError('E_USAGE', `${name} cannot be read`, { cause });
  }
}

function verificationText(result: Verification): string {
  const rows = result.findings.map((one) => `✗ ${one.part}: ${one.message}`);
  if (result.findings.length === 0)
    rows.push('✓ computed again from the readings inside, to the byte (按包内读数重算，逐字节一致)');
  for (const one of result.signatures) {
    const from =
      one.keyFrom === 'given'
        ? 'with your key (公钥由您提供)'
        : 'with the key in the bundle, not confirmed (公钥来自包内，未经核实)';
    rows.push(`✓ ${one.party} ${one.purpose}: ${one.signer}, ${one.algorithm}, ${from}`);
  }
  if (result.unsigned.length > 0) rows.push(`not signed (未签): ${result.unsigned.join(', ')}`);
  return [`${result.statement ?? '?'}  ${result.sha256 ?? ''}`, ...rows, ''].join('\n');
}

/** `jiehe settle verify BUNDLE`: offline, to the byte; exit 1 names what differs. */
export function verifyCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('verify')
    .description('verify a bundle offline: computed again to the byte, signatures (核验结算包)')
    .argument('<bundle>', 'bundle file (结算包)')
    .option('--keys <place>', 'public keys of the parties: a file or a folder (各方公钥)')
    .option('--signed', 'also fail when a signature asked for is missing (要求签名齐全)')
    .option(...JSON_OPTION)
    .action(async (bundle: string, options: { keys?: string; signed?: boolean; json?: boolean }) => {
      const keys = options.keys === undefined ? null : readPublicKeys(path.resolve(io.cwd, options.keys));
      const result = await verifyBundle(readBytes(io.cwd, bundle), keys);
      const ok = result.findings.length === 0 && (options.signed !== true || result.unsigned.length === 0);
      io.out(options.json === true ? `${JSON.stringify({ ok, ...result })}\n` : verificationText(result));
      context.exit(ok ? 0 : 1);
    });
}

interface SignOptions {
  key: string;
  purpose: SignaturePurpose;
  sealedOriginal?: string;
  timeStamp?: string;
  out?: string;
}

/** `jiehe settle sign BUNDLE`: where the party's key is; it verifies first and refuses what does not hold. */
export function signCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('sign')
    .description("sign a statement with the party's own key; opens no store (签署)")
    .argument('<bundle>', 'bundle file (结算包)')
    .requiredOption('--key <file>', 'private key (.key.pem) of this party (私钥)')
    .addOption(
      new Option('--purpose <what>', '数据确认 data, 资金确认 funds')
        .choices(['data', 'funds'])
        .makeOptionMandatory(),
    )
    .option('--sealed-original <file>', 'scan of the sealed original; its hash is signed (盖章原件扫描件)')
    .option('--time-stamp <file>', 'RFC 3161 token over the statement (时间戳)')
    .option('--out <file>', 'signature file (签名文件)')
    .action(async (bundle: string, options: SignOptions) => {
      const pair = readKeyPair(path.resolve(io.cwd, options.key));
      const result = await verifyBundle(readBytes(io.cwd, bundle), null);
      if (result.findings.length > 0 || result.statement === null || result.sha256 === null) {
        io.err(verificationText(result));
        context.exit(1);
        return;
      }
      const scan = options.sealedOriginal === undefined ? null : readBytes(io.cwd, options.sealedOriginal);
      const stamp = options.timeStamp === undefined ? null : readBytes(io.cwd, options.timeStamp);
      const signature = signStatement(pair, {
        statement: result.statement,
        sha256: result.sha256,
        purpose: options.purpose,
        signedS: Math.floor(Date.now() / 1000),
        sealedOriginalSha256: scan === null ? null : createHash('sha256').update(scan).digest('hex'),
        timeStamp: stamp === null ? null : stamp.toString('base64'),
      });
      const name = `${result.statement}.${pair.key.party}.${options.purpose}.signature.json`;
      const file = path.resolve(io.cwd, options.out ?? name);
      writeFileSync(file, `${JSON.stringify(signature, null, 2)}\n`);
      io.out(`${file}\n`);
    });
}

/** `jiehe settle accept FILE…`: takes in signatures; the last one asked for puts the statement in force. */
export function acceptCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('accept')
    .description('take in signatures of the parties (接收签名)')
    .argument('<file...>', 'signature files (签名文件)')
    .option(...ACTOR_OPTION)
    .option(...DATA_OPTION)
    .option(...CONFIG_OPTION)
    .action((files: string[], options: StoreOptions & { actor: string }) =>
      atDesk(context, options, async (desk) => {
        for (const file of files) {
          let signature: StatementSignature;
          try {
            signature = JSON.parse(readBytes(io.cwd, file).toString('utf8'));
          } catch (cause) {
            throw new MonitorError('E_BAD_REQUEST', `${file} is not a signature file`, { cause });
          }
          await desk.acceptSignature(signature, options.actor);
          io.out(`${signature.statement}: ${signature.party} ${signature.purpose} (已接收)\n`);
        }
        return 0;
      }),
    );
}
