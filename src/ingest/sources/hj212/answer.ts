import { answerCommand } from './commands.ts';
import { encodeFrame } from './encode.ts';
import type { Message, Profile } from './profile.ts';

/** System code of interaction between platform and station. */
const INTERACTION = '91';

/**
 * The answer that an accepted frame is owed once its data is durable; null when it asks for none. Same QN, PW and MN, the
 * same version bits, A and D cleared. The 2005 edition answers with QN and CN of the request in the data area.
 */
export function answerTo(message: Message, profile: Profile): Buffer | null {
  const { fields, flag } = message;
  if (flag === null || !flag.needAck) return null;
  const command = answerCommand(fields['CN']!, profile.heartbeatAnswer);
  if (command === null) return null;
  const { QN, PW, MN } = fields;
  const to = { ST: INTERACTION, CN: command, PW: PW ?? '', MN: MN ?? '' };
  if (profile.edition === '2005') {
    const asked = [...(QN === undefined ? [] : [`QN=${QN}`]), `CN=${fields['CN']}`];
    return encodeFrame({ ...to, Flag: 0, dataArea: asked.join(';') });
  }
  return encodeFrame({
    ...(QN === undefined ? {} : { QN }),
    ...to,
    Flag: flag.versionBits << 2,
    dataArea: '',
  });
}
