import project from '../../package.json' with { type: 'json' };

/** Version of this tool, which is that of the package. */
export const TOOL_VERSION: string = project.version;
