import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import type { Asking } from './aws-faults.ts';

/** Parameter store whose faults name the parameter and the action, and have a remedy. */
export function explainedStore(store: ParameterStore, asking: Asking): ParameterStore {
  const about = (name: string, action: string) => ({
    service: 'SSM' as const,
    action,
    what: `the parameter ${name}`,
    remedy: { kind: 'absent-parameter' as const, parameter: name },
  });
  return {
    read: (name) => asking(about(name, 'ssm:GetParameters'), () => store.read(name)),
    history: (name) => asking(about(name, 'ssm:GetParameterHistory'), () => store.history(name)),
    write: (name, text, attributes) =>
      asking(about(name, 'ssm:PutParameter'), () => store.write(name, text, attributes)),
    create: (name, text) => asking(about(name, 'ssm:PutParameter'), () => store.create(name, text)),
    close: store.close,
  };
}
