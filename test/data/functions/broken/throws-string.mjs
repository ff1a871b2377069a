throw 'a string thrown while loading';
