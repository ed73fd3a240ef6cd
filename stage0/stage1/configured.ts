import { loadPathsConfig } from '../config/paths.ts';
import { loadStage1Config } from '../config/stage1.ts';
import type { Stage1Defaults } from './choice.ts';
import { refuseOthersPath } from './executable.ts';

/**
 * What the configuration directories say of stage1 images. A file that others than root and the caller can change is refused: it would
 * choose what runs with the caller's rights.
 */
export function stage1Defaults(configDirectories: readonly string[]): Stage1Defaults {
  const config = loadStage1Config(configDirectories, (file) => {
    refuseOthersPath(file, `read ${file}`);
  });
  const { 'stage1-images': imagesDirectory = STAGE1_IMAGES } = loadPathsConfig(configDirectories);
  return { config, imagesDirectory };
}

const STAGE1_IMAGES = '/usr/lib/tsrkt/stage1-images';
