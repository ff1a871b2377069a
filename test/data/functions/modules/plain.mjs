export const handler = async () => import.meta.filename.split('/').slice(-2);
