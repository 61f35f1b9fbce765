// A page that could not be made is asked for again, without a person's doing.
setTimeout(() => location.reload(), 10_000);
