import { describe, expect, it } from 'vitest';
import { featureIds } from '@parley/contract/gws/user.ts';
import { defaultFeatures, features, hasFeature } from './features.ts';

describe('features', () => {
  it('are granted by role', () => {
    expect(defaultFeatures(['agent'])).toEqual(['api-multimedia-chat']);
    expect(defaultFeatures(['admin'])).toEqual(['api-provisioning-read', 'api-provisioning-write']);
    expect(defaultFeatures(['admin', 'supervisor', 'agent'])).toEqual(
      featureIds.filter((id) => id !== 'api-multimedia'),
    );
  });

  it('api-multimedia and api-multimedia-chat stand for each other', () => {
    expect(hasFeature({ features: ['api-multimedia-chat'] }, 'api-multimedia')).toBe(true);
    expect(hasFeature({ features: ['api-multimedia'] }, 'api-multimedia-chat')).toBe(true);
  });

  it('are refused to whoever lacks them', () => {
    const admin = { features: defaultFeatures(['admin']) };
    expect(hasFeature(admin, 'api-multimedia')).toBe(false);
    expect(hasFeature({ features: ['api-multimedia'] }, 'api-supervisor-monitoring')).toBe(false);
    expect(hasFeature({ features: [] }, 'api-multimedia-chat')).toBe(false);
  });

  it('each have a name and a sentence', () => {
    expect(features.map((feature) => feature.id)).toEqual(featureIds);
    for (const { displayName, description } of features) {
      expect(displayName).not.toBe('');
      expect(description).toMatch(/\.$/);
    }
  });
});
