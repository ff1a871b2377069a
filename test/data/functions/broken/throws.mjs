throw Object.assign(new Error('thrown while loading'), { name: 'LoadFailed', detail: { a: 1 } });
