// SPDX-License-Identifier: GPL-3.0-or-later
//
// A job type of Flamenco 3: depth of a shot, spread over the workers.
//
// Put this file into the folder `scripts` beside `flamenco-manager`, start the manager again, and
// have Blender's Flamenco add-on fetch the job types. Each worker's Blender needs the SharpDepth
// extension, its engine, and the weights of the model.

"use strict";

const JOB_TYPE = {
    label: "SharpDepth Sequence",
    description: "Steady, metric depth of a shot, and one object that follows it",
    settings: [
        {
            key: "frames", type: "string", required: true,
            eval: "f'{C.scene.frame_start}-{C.scene.frame_end}'",
            evalInfo: { showLinkButton: true, description: "Scene frame range" },
            description: "Frames of the whole shot. Examples: '1-24', '1-30, 40-60'",
        },
        {
            key: "chunk_size", type: "int32", default: 12, propargs: { min: 1, max: 10000 },
            visible: "submission",
            description: "Frames that one task makes; each task loads the model once",
        },
        {
            key: "source", type: "string", choices: ["camera", "clip"], default: "camera",
            description: "Behind the scene's camera: its background image, or its movie clip",
        },
        {
            key: "model", type: "string", default: "preview", required: true,
            description: "A preset of SharpDepth, or a model folder that every worker sees",
        },
        {
            key: "window", type: "int32", default: 5, propargs: { min: 0, max: 100 },
            description: "Frames before and after each that steady it",
        },
        {
            key: "result", type: "string", choices: ["mesh", "points"], default: "mesh",
            description: "What stands in the scene that is written in the end",
        },
        {
            key: "depth_root", type: "string", subtype: "dir_path", required: true,
            visible: "submission",
            description: "Shared folder in which the job gets a folder of its own",
        },
        {
            key: "depth_folder", type: "string", subtype: "dir_path", editable: false,
            eval: "str(Path(abspath(settings.depth_root), jobname))",
            description: "Where depth, pictures and scene go. A job of the same name goes on there",
        },
        {
            key: "blendfile", type: "string", required: true, visible: "web",
            description: "Blend file with the shot's camera",
        },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    for (const key of ["blendfile", "depth_folder", "frames"]) {
        if (!settings[key]) {
            throw new Error("The setting " + key + " is empty.");
        }
    }

    const assemble = author.Task("assemble", "blender");
    const scene = path.join(settings.depth_folder, stemOf(settings.blendfile) + "-depth.blend");
    assemble.addCommand(sequence(settings, ["-o", scene, "--output", settings.result]));

    for (const chunk of frameChunker(settings.frames, settings.chunk_size)) {
        const task = author.Task("depth-" + chunk, "blender");
        task.addCommand(sequence(settings, ["--chunk", chunk]));
        assemble.addDependency(task);
        job.addTask(task);
    }
    job.addTask(assemble);
}

// Every call names the whole shot, so that its frames come out the same whoever makes them.
function sequence(settings, more) {
    return author.Command("exec", {
        exe: "{blender}",
        args: [
            "--command", "sharpdepth", "sequence", settings.blendfile,
            "--into", settings.depth_folder,
            "--frames", settings.frames,
            "--source", settings.source,
            "--model", settings.model,
            "--window", String(settings.window),
        ].concat(more),
    });
}

function stemOf(blendfile) {
    return path.stem(blendfile).replace(".flamenco", "");
}
