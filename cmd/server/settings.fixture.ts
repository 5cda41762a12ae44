import type { Json } from '../../reconciler/json.ts';
import type { SettingKey } from '../../resources/support/setting/catalogue.ts';
import type { Where } from '../../resources/support/setting/facts.ts';
import { createLiveSettings, type LiveSettings } from './live-settings.ts';

/** Settings that somebody wished and somebody else agreed to. */
export async function decided(
  values: Partial<Record<SettingKey, Json>>,
  where: Partial<Where> = {},
): Promise<LiveSettings> {
  const facts = Object.entries(values).flatMap(([key, value]) => {
    const wish = {
      at: 1,
      uid: key,
      name: key.toLowerCase(),
      generation: 1,
      actor: 'user:anna',
      onBehalfOf: null,
      spec: { key, value, ...where },
      deletedAt: null,
      approve: null,
    };
    return [wish, { ...wish, at: 2, actor: 'user:bert', approve: '1' }];
  });
  const settings = createLiveSettings({
    store: { changes: async () => ({ tooOld: true }), position: async () => '' },
    settingFacts: async () => facts,
    file: {},
  });
  await settings.refresh();
  return settings;
}
