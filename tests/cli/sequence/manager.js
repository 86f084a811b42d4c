// Flamenco's manager, as far as a job compiler script sees it, after its documentation and its
// published interface: compiles a job and prints its tasks.
//
//     node manager.js SCRIPT.js < job.json

"use strict";

const fs = require("fs");
const vm = require("vm");

class Task {
    constructor(name, type) {
        this.name = String(name).trim();
        this.type = String(type).trim();
        if (!this.name) throw new Error("author.Task(name, type): name is required");
        if (!this.type) throw new Error("author.Task(name, type): type is required");
        this.commands = [];
        this.dependencies = [];
    }
    addCommand(command) {
        if (!(command instanceof Command)) throw new TypeError("not a command");
        this.commands.push(command);
    }
    addDependency(task) {
        if (!(task instanceof Task)) throw new TypeError("not a task");
        this.dependencies.push(task);
    }
}

class Command {
    constructor(name, parameters, totalStepCount) {
        this.name = name;
        this.parameters = parameters;
        this.totalStepCount = totalStepCount || 0;
    }
}

// "1..10, 20-25,40" in pieces of at most `size` frames, in the notation "1-3,8".
function frameChunker(range, size) {
    if (typeof range !== "string" || !range.trim()) throw new Error("empty range");
    if (!(size >= 1)) throw new Error("invalid chunk size, must be positive number: " + size);
    const frames = new Set();
    for (const part of range.trim().split("..").join("-").split(",")) {
        const ends = part.split("-").map(each => each.trim());
        if (ends.length > 2 || !ends.every(each => /^\d+$/.test(each))) {
            throw new Error("invalid range " + part);
        }
        const first = Number(ends[0]), last = Number(ends[ends.length - 1]);
        for (let frame = first; frame <= last; frame++) frames.add(frame);
    }
    const sorted = [...frames].sort((a, b) => a - b);
    if (!sorted.length) throw new Error("empty range");
    const chunks = [];
    for (let i = 0; i < sorted.length; i += size) chunks.push(merge(sorted.slice(i, i + size)));
    return chunks;
}

function merge(frames) {
    const runs = [];
    for (const frame of frames) {
        const run = runs[runs.length - 1];
        if (run && frame === run[1] + 1) run[1] = frame;
        else runs.push([frame, frame]);
    }
    return runs.map(([first, last]) =>
        first === last ? `${first}` : first + 1 === last ? `${first},${last}` : `${first}-${last}`
    ).join(",");
}

function base(file) { return file.split(/[\\/]/).pop(); }

// Nothing else is there: no console, no require.
const context = vm.createContext({
    print() {},
    alert() {},
    frameChunker,
    frameCount: range => frameChunker(range, 1).length,
    formatTimestampLocal: time => String(time),
    shellSplit: text => text.split(/\s+/),
    author: {
        Task: (name, type) => new Task(name, type),
        Command: (name, parameters, steps) => new Command(name, parameters, steps),
    },
    path: {
        basename: base,
        dirname: file => file.slice(0, file.length - base(file).length - 1) || ".",
        join: (...parts) => parts.join("/").replace(/\/+/g, "/"),
        stem: file => base(file).replace(/\.[^.]*$/, ""),
    },
    process: { platform: "linux" },
});

const job = JSON.parse(fs.readFileSync(0, "utf8"));
vm.runInContext(fs.readFileSync(process.argv[2], "utf8"), context, { filename: process.argv[2] });
const type = vm.runInContext("JOB_TYPE", context);
const tasks = [];
for (const setting of type.settings) {
    if (!(setting.key in job.settings) && "default" in setting) {
        job.settings[setting.key] = setting.default;
    }
    if (setting.required && !(setting.key in job.settings)) {
        throw new Error("required setting " + setting.key);
    }
}
job.addTask = task => {
    if (!(task instanceof Task)) throw new TypeError("not a task");
    tasks.push(task);
};
vm.runInContext("compileJob", context)(job);
console.log(JSON.stringify({
    type,
    tasks: tasks.map(task => ({
        name: task.name,
        type: task.type,
        commands: task.commands,
        dependencies: task.dependencies.map(each => each.name),
    })),
}));
