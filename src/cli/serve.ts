import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readEnvironment } from '../config/environment.ts';
import { CONFIG_OPTION, DATA_OPTION, type CommandContext } from './command.ts';
import { untilStopped } from './signals.ts';

interface Options {
  config?: string;
  data?: string;
  host?: string;
  port?: number;
  role?: 'all' | 'api' | 'worker';
  adoptConfig?: boolean;
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError(`"${text}" is not a port (0 to 65535)`);
  return value;
}

/** `jiehe serve`: the whole system; without options the default region against the built-in simulator. */
export function serveCommand(context: CommandContext): Command {
  const { io } = context;
  return new Command('serve')
    .description('run the whole system (运行整个系统)')
    .option(...CONFIG_OPTION)
    .option(...DATA_OPTION)
    .option('--host <address>', 'listen on another address than 127.0.0.1 (监听地址)')
    .option('--port <n>', 'port, default 8080; 0 takes a free one (端口)', port)
    .addOption(
      new Option('--role <role>', 'what this process does where several share the stores (进程角色)')
        .choices(['all', 'api', 'worker'])
        .default('all'),
    )
    .option('--adopt-config', 'bring this configuration into force although it is an older one (启用旧配置)')
    .action(async (options: Options) => {
      const { startServing } = await import('../serving/serve.ts');
      const serving = await startServing({
        dataDir:
          options.data === undefined
            ? readEnvironment(process.env).dataDir
            : path.resolve(io.cwd, options.data),
        configDir: options.config === undefined ? undefined : path.resolve(io.cwd, options.config),
        host: options.host,
        port: options.port,
        role: options.role ?? 'all',
        adoptConfig: options.adoptConfig === true,
        out: (text) => io.out(text),
        command: (argv, other, system) => context.runOn(argv, other, system),
      });
      const signal = await untilStopped();
      io.err(`${signal}: stopping (正在停止)\n`);
      await serving.close();
    });
}
