export const handler = async () => 'hidden by the folder of the same name';
