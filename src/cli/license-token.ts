import { InvalidArgumentError, Option } from 'commander';
import { badUsage } from '../errors.js';
import type { CommandContext, Flags, Register } from './context.js';
import { teach } from './help.js';

const MOST_SECONDS = 86_400;

function readSeconds(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(seconds >= 5 && seconds <= MOST_SECONDS))
    throw new InvalidArgumentError(`Allowed is a whole number from 5 to ${MOST_SECONDS}.`);
  return seconds;
}

async function sign({ out, json, env }: CommandContext, title: string, flags: Flags): Promise<void> {
  const { licenseSettings, signLicenseToken } = await import('../services/license/index.js');
  const { tokenKeys, policy } = await licenseSettings(env);
  if (!tokenKeys) {
    throw badUsage(
      'LICENSE_CONFIG',
      'no file of secrets is named',
      'Set HULLCAST_LICENSE_SECRET_FILE to the file that the server has: see docs/licenses.md.',
    );
  }
  const text = (name: string): string | undefined => flags[name] as string | undefined;
  const seconds = (flags['seconds'] as number | undefined) ?? policy.token.maxSeconds;
  if (seconds > policy.token.maxSeconds) {
    throw badUsage(
      'LICENSE_CONFIG',
      `the policy allows tokens of ${policy.token.maxSeconds} s, not of ${seconds} s`,
      'Use a shorter one, or raise token.maxSeconds in the policy.',
    );
  }
  const token = await signLicenseToken(
    tokenKeys,
    {
      ...{ title, device: text('device') ?? '', session: text('session'), seconds },
      security: flags['security'] as 'software' | 'hardware' | undefined,
      hdcp: flags['hdcp'] as 'none' | undefined,
    },
    policy.token,
  );
  const expiresAt = new Date(Date.now() + seconds * 1000).toISOString();
  if (json) out.json({ type: 'license-token', title, token, expiresAt });
  else {
    out.result(token);
    out.note(`Good for ${seconds} s, with the header X-License-Device: the device's id.`);
  }
}

export const registerLicenseToken: Register = (program, host) => {
  const command = program
    .command('license-token')
    .summary('sign a licence token, to try licences out')
    .description(
      'Signs a short-lived token for licences of a title on a device, with the first secret of ' +
        'HULLCAST_LICENSE_SECRET_FILE, and prints it alone on standard output. What players use is signed by your ' +
        'playback service. See docs/licenses.md.',
    )
    .argument('<title>', "the title's id")
    .requiredOption('--device <id>', 'id of the device, which its requests must name')
    .option(
      '--seconds <n>',
      'how long it is good for; as long as the policy allows unless given',
      readSeconds,
    )
    .addOption(
      new Option('--security <level>', 'what protects keys and pictures in the device').choices([
        'software',
        'hardware',
      ]),
    )
    .addOption(
      new Option('--hdcp <version>', 'what protects its output').choices([
        ...['none', '1.0', '1.1', '1.2', '1.3', '1.4', '2.0', '2.1', '2.2', '2.3'],
      ]),
    )
    .option('--session <id>', 'the playback session, for logs and audit trails')
    .action(host.action((context, [title = ''], flags) => sign(context, title, flags)));
  teach(
    command,
    [
      {
        command: 'hullcast license-token 5f0c7e2a --device tv-1',
        does: 'for a device of which nothing is known',
      },
      {
        command: 'hullcast license-token 5f0c7e2a --device tv-1 --security hardware --hdcp 2.2',
        does: 'UHD too',
      },
    ],
    [0, 1, 2],
  );
};
