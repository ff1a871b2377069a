export const handler = async () => 'never found: a folder is no module';
