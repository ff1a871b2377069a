/** Examples that use the forms of `setup`: they name what the forms have, and their own tools take them. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { LAYER_WRAPPER, layerFile, PROXY_WRAPPER, proxyLayerFile } from '../../../core/deployment/layer.ts';
import { SETTINGS } from '../../../core/gate/config.ts';
import { cloudFormation } from '../../../operator/setup/cloudformation.ts';
import { environmentOf } from '../../../operator/setup/deployment.ts';
import { terraform } from '../../../operator/setup/terraform.ts';
import type { Resource } from '../stacks.ts';
import { faultsIn, included } from './template-faults.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const fileOf = (example: string, file: string) => join(root, 'examples', example, file);
const textOf = (example: string, file: string) => readFileSync(fileOf(example, file), 'utf8');

/** What `setup` takes where nothing but functions is named. */
const DEPLOYMENT = {
  parameters: [SETTINGS.parameters.default],
  table: SETTINGS.table.default,
  functions: ['orders-api'],
};
const FUNCTION = DEPLOYMENT.functions[0];
const ENVIRONMENT = environmentOf(DEPLOYMENT);
const printed = cloudFormation(DEPLOYMENT) as {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
};

const samOf = (file: string) => {
  const { template, unknown } = included(fileOf('sam', file));
  return { template: template(), unknown };
};
const sam = samOf('template.yaml');
const samZip = samOf('zip/template.yaml');
const samProxy = samOf('proxy/template.yaml');

/** What a zip function has more: the wrapper that the layer brings. */
const ZIP_ENVIRONMENT = { ...ENVIRONMENT, [LAYER_WRAPPER.name]: LAYER_WRAPPER.value };

/** What a function in another language has more. */
const PROXY_ENVIRONMENT = { ...ENVIRONMENT, [PROXY_WRAPPER.name]: PROXY_WRAPPER.value };

/** Where the package has its layers, in an app that installed it. */
const PACKAGED = 'node_modules/@maintenance-window/lambda/dist';
const clientLayer = (architecture: string) => `${PACKAGED}/${layerFile(architecture)}`;
const proxyLayer = (architecture: string) => `${PACKAGED}/${proxyLayerFile(architecture)}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function inFolder(name: string, value: object): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

const isInstalled = (command: string, ...words: string[]) => spawnSync(command, words).status === 0;

it.each([
  ['sam', 'cloudformation', 'maintenance-window.json'],
  ['serverless', 'cloudformation', 'maintenance-window.json'],
  ['terraform', 'terraform', 'maintenance-window.tf'],
])('examples/%s prints the form that it uses, for its own function', (example, form, file) => {
  expect(textOf(example, 'README.md')).toContain(
    `\nmaintenance-window setup --print ${form} --function ${FUNCTION} > ${file}\n`,
  );
  const entries = readdirSync(join(root, 'examples', example), { withFileTypes: true });
  const { name: source = '' } = entries.find((entry) => entry.isFile() && entry.name !== 'README.md') ?? {};
  const uses = example === 'terraform' ? 'aws_iam_policy.client_orders_api' : file;
  expect(textOf(example, source)).toContain(uses);
});

describe('CloudFormation', () => {
  /** The printed template with a key of another name. */
  function broken(): object {
    const { EventsTable, ...resources } = structuredClone(printed.Resources);
    const { KeySchema, ...others } = EventsTable?.Properties ?? {};
    const table = { ...EventsTable, Properties: { ...others, KeySchem: KeySchema } };
    return { ...printed, Resources: { EventsTable: table, ...resources } };
  }

  it('takes the printed template and the example for AWS SAM, and would not take others', () => {
    const [ofPrinted, ofSam, ofSamZip, ofSamProxy, ofBroken] = faultsIn(
      inFolder('printed.json', printed),
      inFolder('sam.json', sam.template),
      inFolder('sam-zip.json', samZip.template),
      inFolder('sam-proxy.json', samProxy.template),
      inFolder('broken.json', broken()),
    );
    expect([ofPrinted, ofSam, ofSamZip, ofSamProxy]).toEqual([[], [], [], []]);
    expect(ofBroken).toEqual([
      expect.stringContaining("'KeySchem' was unexpected"),
      expect.stringContaining("'KeySchema' is a required property"),
    ]);
  });

  it('has every property of the printed template', () => {
    expect(included(inFolder('included.json', printed)).unknown).toEqual([]);
  });
});

describe('the example for AWS SAM', () => {
  const { Resources } = sam.template as typeof printed;
  const { Maintenance, OrdersApi } = Resources;

  it('has no property that SAM’s resources do not have', () => {
    expect(sam.unknown).toEqual([]);
    expect(Object.values(Resources).map(({ Type }) => Type)).toEqual([
      'AWS::Serverless::Application',
      'AWS::Serverless::Function',
    ]);
  });

  it('protects the function that the printed template is for, by that template’s outputs', () => {
    expect(Maintenance?.Properties).toEqual({ Location: 'maintenance-window.json' });
    expect(OrdersApi?.Properties).toMatchObject({ FunctionName: FUNCTION, PackageType: 'Image' });
    const asked = [...JSON.stringify(OrdersApi).matchAll(/"Maintenance\.Outputs\.(\w+)"/g)].map(
      ([, output = '']) => output,
    );
    expect(asked.filter((output) => !(output in printed.Outputs))).toEqual([]);
    expect(asked).toContain('ClientOrdersApiArn');
    expect(printed.Outputs['ClientOrdersApiArn']).toMatchObject({ Value: { Ref: 'ClientOrdersApi' } });
  });

  it('has the environment that the client reads', () => {
    const { Variables } = OrdersApi?.Properties.Environment ?? {};
    expect(Object.keys(Variables)).toEqual(Object.keys(ENVIRONMENT));
    const outputs = Object.values(Variables).map(
      (value) => String((value as Record<string, string>)['Fn::GetAtt']).split('.')[2],
    );
    expect(outputs.map((output = '') => printed.Outputs[output]?.Value)).toEqual([
      ENVIRONMENT['MAINTENANCE_WINDOW_PARAMETER'],
      { Ref: 'EventsTable' },
    ]);
  });
});

describe.each([
  ['a zip function', samZip, 'MaintenanceLayer', clientLayer, ZIP_ENVIRONMENT, /^nodejs/],
  ['a function in Python', samProxy, 'MaintenanceProxy', proxyLayer, PROXY_ENVIRONMENT, /^python/],
])('the example for AWS SAM with %s', (_, { template, unknown }, layer, fileFor, environment, runtime) => {
  const { Maintenance, [layer]: Layer, OrdersApi } = (template as typeof printed).Resources;

  it('has no property that SAM’s resources do not have, and the printed template', () => {
    expect(unknown).toEqual([]);
    expect(Maintenance?.Properties).toEqual({ Location: 'maintenance-window.json' });
  });

  it('has the layer of the package for the CPU of the function, and its wrapper', () => {
    const { FunctionName, Runtime, Architectures, Layers, Environment } = OrdersApi?.Properties ?? {};
    expect(FunctionName).toBe(FUNCTION);
    expect(Runtime).toMatch(runtime);
    expect(Layer?.Properties).toEqual({ ContentUri: fileFor(Architectures[0]) });
    expect(Layers).toEqual([{ Ref: layer }]);
    const set = Object.entries(Environment.Variables as Record<string, Record<string, string>>).map(([name, value]) => [
      name,
      printed.Outputs[String(value['Fn::GetAtt']).split('.')[2] ?? '']?.Value,
    ]);
    expect(Object.fromEntries(set)).toEqual({ ...environment, MAINTENANCE_WINDOW_TABLE: { Ref: 'EventsTable' } });
  });
});

describe('the example for the Serverless Framework', () => {
  const service = parse(textOf('serverless', 'serverless.yml'));

  it('has the keys and types that the framework’s schema has', () => {
    const file = join(folder, 'service.ts');
    const types = join(root, 'node_modules', '@serverless', 'typescript', 'index');
    const check = (value: object) => {
      writeFileSync(
        file,
        `import type { AWS } from '${types}';\nexport const service: AWS = ${JSON.stringify(value)};\n`,
      );
      const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const words = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--module', 'nodenext', file];
      return spawnSync(process.execPath, [compiler, ...words], { encoding: 'utf8', cwd: folder }).stdout;
    };
    const resolved = { ...service, resources: printed };
    expect(check(resolved)).toBe('');
    const { provider, ...others } = resolved;
    expect(check({ ...others, provider: { ...provider, iams: {} } })).toContain(`"iams"' does not exist`);
  });

  it('protects the function that the printed template is for, with its policy', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the framework's
    expect(service.resources).toEqual(['${file(maintenance-window.json)}']);
    expect(service.functions[FUNCTION ?? '']).toMatchObject({ name: FUNCTION });
    expect(service.provider.iam.role.managedPolicies).toEqual([{ Ref: 'ClientOrdersApi' }]);
    expect(printed.Resources).toHaveProperty('ClientOrdersApi');
  });

  it('has the environment that the client reads', () => {
    expect(service.functions[FUNCTION ?? ''].environment).toEqual({
      ...ENVIRONMENT,
      MAINTENANCE_WINDOW_TABLE: { Ref: 'EventsTable' },
    });
    expect(printed.Resources['EventsTable']?.Properties.TableName).toBe(ENVIRONMENT['MAINTENANCE_WINDOW_TABLE']);
  });

  // the framework without a login, as its community keeps it up; 144 packages, so it is not one of ours
  it.skipIf(!isInstalled('osls', '--version'))(
    'is packaged, where osls is installed, as CloudFormation takes it',
    () => {
      cpSync(join(root, 'examples', 'serverless'), folder, { recursive: true });
      inFolder('maintenance-window.json', printed);
      const image = `111122223333.dkr.ecr.eu-south-1.amazonaws.com/orders@sha256:${'0'.repeat(64)}`;
      const { status, stderr } = spawnSync('osls', ['package', '--param', `image=${image}`], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr });
      const file = join(folder, '.serverless', 'cloudformation-template-update-stack.json');
      const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as typeof printed;
      expect(Resources).toMatchObject(printed.Resources);
      expect(Resources['IamRoleLambdaExecution']?.Properties.ManagedPolicyArns).toEqual([{ Ref: 'ClientOrdersApi' }]);
      // the version of the function is the framework's own
      expect(faultsIn(file)[0]?.filter((fault) => !/^W3011 OrdersDashapiLambdaVersion/.test(fault))).toEqual([]);
    },
  );
});

describe.each([
  ['the example for Terraform', 'main.tf', ENVIRONMENT, clientLayer],
  ['the example for Terraform with a zip function', 'zip/main.tf', ZIP_ENVIRONMENT, clientLayer],
  ['the example for Terraform with a function in Python', 'proxy/main.tf', PROXY_ENVIRONMENT, proxyLayer],
])('%s', (_, source, environment, fileFor) => {
  const example = textOf('terraform', source);
  const both = `${terraform(DEPLOYMENT)}\n${example}`;
  const blocks = [...both.matchAll(/^(resource|data|variable|output) "([\w-]+)"(?: "([\w-]+)")? \{/gm)];

  it('refers only to what it or the printed configuration has', () => {
    const there = blocks.map(([, kind, type, name]) =>
      kind === 'data' ? `data.${type}.${name}` : kind === 'variable' ? `var.${type}` : `${type}.${name}`,
    );
    const [, ofLocals = ''] = example.split(/^locals \{$/m);
    const locals = [...ofLocals.matchAll(/^ {2}(\w+) += /gm)].map(([, name]) => `local.${name}`);
    const used = [...both.matchAll(/\b(data\.aws_\w+\.\w+|(?<!data\.)aws_\w+\.\w+|(?:var|local)\.\w+)/g)].map(
      ([, name]) => name,
    );
    expect(new Set(used).size).toBeGreaterThan(8);
    expect(used.filter((name = '') => ![...there, ...locals].includes(name))).toEqual([]);
    expect(new Set(there).size).toBe(there.length);
  });

  it('protects the function that the printed configuration is for, with its policy', () => {
    expect(example).toContain(`function_name = "${FUNCTION}"`);
    expect(example).toContain('policy_arn = aws_iam_policy.client_orders_api.arn');
  });

  it('has the environment that the client reads', () => {
    const [, text = ''] = /maintenance_window_environment = \{\n([^}]*)\}/.exec(example) ?? [];
    const variables = Object.fromEntries(
      [...text.matchAll(/^ *(\w+) += (.+)$/gm)].map(([, name, value]) => [name, value]),
    );
    const texts = Object.entries(environment).map(([name, value]) => [name, JSON.stringify(value)]);
    expect(variables).toEqual({
      ...Object.fromEntries(texts),
      MAINTENANCE_WINDOW_TABLE: 'aws_dynamodb_table.maintenance_events.name',
    });
    expect(both).toContain(`name                        = "${ENVIRONMENT['MAINTENANCE_WINDOW_TABLE']}"`);
  });

  it('has the layer of the package for the CPU of the function', () => {
    const files = [...example.matchAll(/"(node_modules\/\S+)"/g)].map(([, file]) => file);
    const architectures = [...example.matchAll(/architectures += \["(\w+)"\]/g)].map(([, one = '']) => one);
    expect(new Set(architectures).size).toBe(files.length);
    expect(files).toEqual([...new Set(architectures)].map(fileFor));
  });

  it.skipIf(!isInstalled('terraform', 'version'))('has the layout of terraform fmt, where that is installed', () => {
    const { stdout, status } = spawnSync('terraform', ['fmt', '-'], { input: example, encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: example, status: 0 });
  });
});
