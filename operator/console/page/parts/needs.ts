/** What AWS has to allow for what the page does: an action that was refused to one button is refused to all that take it. */

const EDIT = ['ssm:GetParameterHistory', 'ssm:GetParameters', 'ssm:PutParameter'];
const RUN_CHANGE = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'];

/** IAM actions that an operation ends without, by its name. None of looks: they tell by themselves what they lack. */
export const NEEDS: Readonly<Record<string, readonly string[]>> = {
  begin: EDIT,
  extend: EDIT,
  end: EDIT,
  'schedule add': EDIT,
  'schedule edit': EDIT,
  'schedule remove': EDIT,
  'events discard': ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
  'events restore': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
  'events export': ['dynamodb:GetItem', 'dynamodb:Query'],
  replay: ['dynamodb:Query', 'dynamodb:UpdateItem', 'lambda:InvokeFunction', 'ssm:GetParameters'],
  'replays pause': RUN_CHANGE,
  'replays resume': RUN_CHANGE,
  'replays cancel': RUN_CHANGE,
  'replays set': RUN_CHANGE,
  invoke: ['lambda:InvokeFunction'],
};
